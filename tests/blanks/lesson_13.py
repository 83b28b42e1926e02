"""Lesson 13: a GLM, parts of variance, a second run, a receptive field, faces read from voxels."""

from blanks import t

SHAPE, TEXTURE = "both - texture_alone", "both - shape_alone"
PLAIN = "space.mean(axis=0)"
SPIKES = "counts[:, 0] @ space / counts[:, 0].sum()"
READ = """from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, cross_val_predict
told = cross_val_predict(
    RidgeCV(np.logspace(0, 6, 7)), voxels, features, groups=stimuli.person, cv=GroupKFold(8)
)
return {end}"""

CELLS = [
    [
        t("np.linalg.lstsq(design, run.measured)[0]", says="weights: right.\nwomen"),
        t("np.linalg.lstsq(design, run.measured, rcond=None)[0]", says="weights: right.\nwomen"),
        t("np.linalg.pinv(design) @ run.measured", says="weights: right"),
        t("np.linalg.solve(design.T @ design, design.T @ run.measured)", says="weights: right"),
        t("np.linalg.lstsq(design, run.measured)[0][:2]", says="women and men alone"),
        t("np.linalg.lstsq(design[:, :2], run.measured)[0]", says="leave out the drift"),
        t("design.T @ run.measured", says="overlapping columns apart"),
        t("np.linalg.lstsq(design, run.measured)[1]", says="squared error"),
        t("design @ np.linalg.lstsq(design, run.measured)[0]", says="fitted time series"),
        t("np.linalg.lstsq(design, run.measured)", says=r"this is of type tuple.*\[0\]"),
        t("np.linalg.lstsq(run.measured, design)[0]", says="^Line 3 stops, .*LinAlgError"),
        t("np.linalg.lstsq(design, run.measurd)[0]", says="^Line 3 stops, .*AttributeError"),
    ],
    [
        t(SHAPE, TEXTURE, "both - only_shape - only_texture", says="either: right.\n +only_shape"),
        t(
            "np.subtract(both, texture_alone)",
            "-shape_alone + both",
            "shape_alone + texture_alone - both",
            says="only_shape: right.\nonly_texture: right.\neither: right.",
        ),
        t(SHAPE, TEXTURE, "shape_alone - only_shape", says="either: right."),
        t(SHAPE, says="only_shape: right.\nonly_texture: still blank"),
        t(TEXTURE, TEXTURE, "0", says="only_shape: not yet.*texture is left out"),
        t("shape_alone", says="only_shape: not yet.*all that shape tells"),
        t("texture_alone", says="only_shape: not yet.*not what is lost"),
        t("texture_alone - both", says="only_shape: not yet.*sign is turned"),
        t("shape_alone - texture_alone", says="only_shape: not yet.*compares the two"),
        t(SHAPE, SHAPE, says="only_texture: not yet.*only shape again"),
        t(SHAPE, "texture_alone", says="only_texture: not yet.*all that texture tells"),
        t(SHAPE, "shape_alone", says="only_texture: not yet.*not what is lost"),
        t(SHAPE, "shape_alone - both", says="only_texture: not yet.*sign is turned"),
        t(SHAPE, "texture_alone - shape_alone", says="only_texture: not yet.*compares the two"),
        t(SHAPE, TEXTURE, "both", says="either: not yet.*Nothing is taken away"),
        t(SHAPE, TEXTURE, "both - only_shape", says="either: not yet.*only texture tells is still"),
        t(SHAPE, TEXTURE, "both - only_texture", says="either: not yet.*only shape tells is still"),
        t(SHAPE, TEXTURE, "only_shape + only_texture", says="either: not yet.*have a name already"),
        t(SHAPE, TEXTURE, "both - shape_alone - texture_alone", says="either: not yet.*only one of them"),
        t(SHAPE, TEXTURE, "shape_alone + texture_alone", says="either: not yet.*more than both"),
        t("both - textur_alone", says="^Line 6 stops, .*NameError"),
    ],
    [
        t("again", says="tested: right.\nt = .*: honest"),
        t("1 * again", says="tested: right.\nt = .*: honest"),
        t("noise", says="picked the voxels.\nt = .*: not to be trusted"),
        t("noise + again", says="still in it.\nt = .*: not to be trusted"),
        t("(noise + again) / 2", says="Half of it.*\nt = .*: not to be trusted"),
        t("np.vstack([noise, again])", says="^Line 5 stops, .*IndexError"),
        t("agan", says="^Line 2 stops, .*NameError"),
    ],
    [
        t(f"{SPIKES} - {PLAIN}", says="field: right.\nit correlates"),
        t(f"np.average(space, axis=0, weights=counts[:, 0]) - {PLAIN}", says="field: right"),
        t(f"(space * counts[:, [0]]).sum(axis=0) / counts[:, 0].sum() - {PLAIN}", says="field: right"),
        t(SPIKES, says="not taken away yet"),
        t(f"counts[:, 0] @ space / 2000 - {PLAIN}", says="number of faces"),
        t(f"counts[:, 0] @ space - {PLAIN}", says="a sum, not yet an average"),
        t(f"space[counts[:, 0] > 0].mean(axis=0) - {PLAIN}", says="three times"),
        t(f"{PLAIN} - {SPIKES}", says="sign is turned"),
        t(f"counts.T @ space / counts.sum(axis=0)[:, None] - {PLAIN}", says="all cells"),
        t(f"space @ counts[:, 0] / counts[:, 0].sum() - {PLAIN}", says="^Line 3 stops, .*ValueError"),
        t(f"counts[:, 0] @ spce / counts[:, 0].sum() - {PLAIN}", says="^Line 3 stops, .*NameError"),
    ],
    [
        t(READ.format(end="r_squared(features, told)"), says=r"^\[-?0"),
        t(READ.format(end="told"), says=r"^\[\["),
        t(READ.format(end="r_squared(feature, told)"), says="^Line 7 stops, .*NameError"),
    ],
]
