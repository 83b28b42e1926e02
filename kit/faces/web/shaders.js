// What the graphics card computes. Formulas as in kit/faces/_render_numpy.py, in which their reasons stand.

const number = (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
const vector = (values) => `vec3(${values.map(number).join(", ")})`;

/** Python's `Optics` as constants of GLSL: no name and no number is written twice, and compilers can reckon with them. */
function constants(optics) {
  const all = Object.entries(optics).map(([name, value]) => ({ name, value, many: Array.isArray(value) }));
  return `
  struct Optics { ${all.map(({ name, many }) => `${many ? "vec3" : "float"} ${name};`).join(" ")} };
  const Optics optics = Optics(${all.map(({ value, many }) => (many ? vector(value) : number(value))).join(", ")});`;
}

/** What the vertices of a head bring, in the order of their places. */
export const ATTRIBUTES = ["position", "normal", "surface", "uv", "visible_0", "visible_1", "visible_2", "visible_3"];
const SIZES = { position: 3, normal: 3, uv: 2 };

export const headVertex = (optics) => `#version 300 es
  ${constants(optics)}
  uniform mat3 rotation;
  uniform vec2 depth;
  uniform vec4 sky[4];
  ${ATTRIBUTES.map((name, k) => `layout(location = ${k}) in vec${SIZES[name] ?? 4} ${name};`).join(" ")}
  out vec3 at_normal;
  out vec4 at_surface;
  out vec3 at_uv_and_lit;
  void main() {
    vec3 turned = rotation * position;
    float away = optics.distance - turned.z;
    vec2 shown = vec2(turned.x, turned.y - optics.centre) * 2.0 * optics.distance / optics.field;
    gl_Position = vec4(shown, depth.x * away + depth.y, away);
    at_normal = rotation * normal;
    at_surface = surface;
    float lit = dot(sky[0], visible_0) + dot(sky[1], visible_1) + dot(sky[2], visible_2) + dot(sky[3], visible_3);
    at_uv_and_lit = vec3(uv, clamp(lit, 0.0, 1.0));
  }`;

export const headFragment = (optics) => `#version 300 es
  precision highp float;
  ${constants(optics)}
  const float TINY = 1e-12;
  uniform sampler2D albedo;
  uniform vec3 lamp, background;
  uniform vec2 samples;
  uniform bool capped;
  in vec3 at_normal;
  in vec4 at_surface;
  in vec3 at_uv_and_lit;
  out vec4 shown;

  // The swim cap, and its contact shadow on the skin, over the albedo.
  vec3 dressed(vec3 skin, float cap, float pixel, inout float gloss) {
    float cover = smoothstep(0.0, 1.0, cap / pixel + 0.5);
    float rim = max(optics.rim_width, pixel);
    float shade = optics.rim_depth * optics.rim_width / rim * clamp(1.0 + cap / rim, 0.0, 1.0);
    gloss += cover * (optics.cap_gloss - gloss);
    return (1.0 - cover) * (1.0 - shade) * skin + cover * optics.cap_colour;
  }

  // Specular reflection of the lamp.
  float highlight(vec3 normal, float gloss) {
    vec2 place = (2.0 * gl_FragCoord.xy / samples - 1.0) * optics.field / (2.0 * optics.distance);
    vec3 eye = normalize(vec3(-place, 1));
    vec3 middle = eye + lamp;
    middle *= inversesqrt(dot(middle, middle) + TINY);
    float facing = max(dot(normal, middle), 0.0);
    float grazing = 1.0 - dot(eye, middle), square = grazing * grazing;
    float fresnel = optics.reflectance + (1.0 - optics.reflectance) * square * square * grazing;
    float wet = clamp((gloss - optics.wet_from) * optics.wet_rate, 0.0, 1.0);
    float dry_lobe = facing * facing;
    dry_lobe *= dry_lobe; dry_lobe *= dry_lobe; dry_lobe *= dry_lobe;
    float wet_lobe = dry_lobe * dry_lobe;
    wet_lobe *= wet_lobe; wet_lobe *= wet_lobe;
    return fresnel * gloss * ((1.0 - wet) * optics.dry_lobe * dry_lobe + wet * optics.wet_lobe * wet_lobe);
  }

  void main() {
    vec3 normal = at_normal * inversesqrt(dot(at_normal, at_normal) + TINY);
    float occlusion = at_surface.x, gloss = at_surface.y, fade = at_surface.z, cap = at_surface.w;
    float lit = at_uv_and_lit.z;
    vec3 colour = texture(albedo, at_uv_and_lit.xy).rgb;
    float pixel = length(vec2(dFdx(cap), dFdy(cap))) + TINY;
    if (capped) colour = dressed(colour, cap, pixel, gloss);
    float to_lamp = dot(normal, lamp), to_fill = dot(normal, optics.fill_direction);
    vec3 open = (optics.ambient_level + optics.ambient_slope * normal.y) * occlusion
      * (1.0 + optics.bounce * (1.0 - occlusion));
    vec3 crevice = (optics.occluded + (1.0 - optics.occluded) * occlusion) / (1.0 + optics.wrap);
    vec3 matt = optics.ambient * open + optics.fill * crevice * max(to_fill + optics.wrap, 0.0)
      + optics.key * lit * crevice * max(to_lamp + optics.wrap, 0.0);
    float shine = to_lamp > 0.0 ? highlight(normal, gloss) * occlusion * lit : 0.0;
    vec3 display = sqrt(min(colour * colour * matt + optics.key * shine, 1.0));
    shown = vec4(mix(background, display, fade), 1);
  }`;
