"""`python -m kit …`: what the kit does without a notebook."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from kit.classroom.commands import add_experiment
from kit.course.commands import add_grade
from kit.files import harmless


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m kit", description="Shared Features, from the command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_faces(commands)
    _add_train(commands)
    _add_zoo(commands)
    add_experiment(commands)
    _add_pool(commands)
    _add_reproduce(commands)
    _add_selfcheck(commands)
    add_grade(commands)
    _add_doctor(commands)
    _add_collect(commands)
    _add_grades(commands)
    chosen = parser.parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (ValueError, OSError) as error:
        harmless.say(f"error: {error}", sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130


def _add_faces(commands) -> None:
    faces = commands.add_parser("faces", help="draw a sheet of random faces")
    faces.add_argument("--n", type=int, default=12, help="how many (default 12)")
    faces.add_argument("--out", type=Path, default=Path("faces.png"), help="picture to write (default faces.png)")
    faces.add_argument("--size", type=int, default=224, help="pixels a face (default 224)")
    faces.add_argument("--columns", type=int, default=6, help="faces a row (default 6)")
    faces.add_argument("--seed", type=int, default=0, help="the same seed draws the same faces (default 0)")
    faces.add_argument("--sex", choices=("female", "male"))
    faces.add_argument("--age", type=float, help="years, 18 to 80")
    faces.add_argument("--ancestry", choices=("african", "asian", "caucasian"))
    faces.add_argument("--bald", action="store_true", help="without the swim cap")
    faces.set_defaults(run=_draw_faces)


def _draw_faces(chosen: argparse.Namespace) -> int:
    from kit import faces
    from kit.faces import pictures

    if chosen.columns < 1:
        raise ValueError(f"--columns must be at least 1; got {chosen.columns}")
    people = faces.load().sample(chosen.n, chosen.sex, chosen.age, chosen.ancestry, rng=chosen.seed)
    drawn = people.render(size=chosen.size, cap=not chosen.bald)
    path = pictures.save(pictures.sheet(drawn, min(chosen.columns, chosen.n)), chosen.out)
    print(f"{chosen.n} faces -> {path}")
    return 0


def _add_train(commands) -> None:
    train = commands.add_parser("train", help="train the networks of the study and save their weights")
    train.add_argument("names", nargs="*", help="networks to train (default: all that are not there yet)")
    train.add_argument("--seeds", type=int, nargs="+", help="seeds of each objective (default: 1 2 3)")
    train.add_argument("--out", type=Path, help="data folder to save to (default: the kit's own)")
    train.add_argument("--cache", type=Path, help="folder of rendered images and checkpoints")
    train.set_defaults(run=_train)


def _train(chosen: argparse.Namespace) -> int:
    from kit.networks import shipped
    from kit.networks.zoo_training import SEEDS, train_zoo

    train_zoo(chosen.names or None, chosen.out, seeds=chosen.seeds or SEEDS, cache=chosen.cache)
    print(shipped.gate_table(chosen.out).to_string(index=False))
    return 0


def _add_zoo(commands) -> None:
    zoo = commands.add_parser("zoo", help="what each trained network can do, by gates that know nothing of ratings")
    zoo.add_argument("--folder", type=Path, help="data folder (default: the kit's own)")
    zoo.set_defaults(run=_zoo)


def _zoo(chosen: argparse.Namespace) -> int:
    from kit.networks import shipped

    table = shipped.gate_table(chosen.folder)
    print(table.to_string(index=False, na_rep="", float_format="{:.4f}".format))
    print("value and limit: mean absolute errors of drawings and of as many principal components (lower is better), or "
          "shares of strangers told apart (higher is better); nats: the rate of variational networks.")  # fmt: skip
    return 0


def _add_pool(commands) -> None:
    pool = commands.add_parser("pool", help="one anonymous table from a folder of exported ratings")
    pool.add_argument(
        "folder", type=Path, nargs="+", help="folder with everybody's CSV files, or folders of `kit experiment`"
    )
    pool.add_argument("-o", "--out", type=Path, default=Path("class.csv"), help="table to write (default class.csv)")
    pool.add_argument("--salt", help="secret text: with the same one, observers get the same numbers again")
    pool.set_defaults(run=_pool)


def _pool(chosen: argparse.Namespace) -> int:
    from kit.behavior import pooling, ratings

    if len(chosen.folder) > 1 or (chosen.folder[0] / pooling.SESSIONS).is_dir():
        pooled = pooling.pool_experiments(chosen.folder, chosen.salt)
    else:
        pooled = pooling.pool(chosen.folder[0], chosen.salt, leave_out=chosen.out)
    for name, reason in pooled.refused.items():
        harmless.say(f"refused {name}\n  {reason}", sys.stderr)
    ratings.write(pooled.table, chosen.out)
    n_observers, n_files = pooled.table["observer"].nunique(), len(pooled.files)
    harmless.say(f"{n_observers} observers, {len(pooled.table)} trials of {n_files} files -> {chosen.out}")
    for name, files in pooled.shared.items():
        told = "taken as one person. If they are two, rename one and pool again"
        harmless.say(f"{name!r} is in {', '.join(files)}: {told}")
    for name, people in pooled.guessed.items():
        told = "If a name is wrong, save the file as UTF-8 and pool again"
        harmless.say(f"{name} is not UTF-8; it was read so: {', '.join(map(repr, people))}. {told}")
    for (one, other), reason in pooled.alike.items():
        harmless.say(f"{one!r} and {other!r}: {reason}. If they are one person, leave one out and pool again")
    return 1 if pooled.refused else 0


def _add_reproduce(commands) -> None:
    reproduce = commands.add_parser("reproduce", help="compare networks with observers and write a report")
    size = reproduce.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a small comparison, to see that everything works")
    size.add_argument("--full", action="store_true", help="every observer with every identity, 100 shifts")
    reproduce.add_argument(
        "--turned", action="store_true", help="also with every face at a random view and lamp (folder turned in --out)"
    )
    reproduce.add_argument("--ratings", type=Path, help="CSV file of your own ratings (docs/ratings.md)")
    reproduce.add_argument("--networks", nargs="*", help="networks of the zoo (default: all)")
    reproduce.add_argument(
        "--photographs", action="store_true",
        help="also dlib's face recogniser, trained on photographs (pip install 'shared-features[pretrained]')",
    )  # fmt: skip
    reproduce.add_argument("--out", type=Path, default=Path("results"), help="folder to write to (default results)")
    reproduce.add_argument("--jobs", type=int, default=-1, help="workers (default: one a core)")
    reproduce.add_argument("--scheduler", help="address of a Dask scheduler, such as tcp://host:8786, to use instead")
    plan = reproduce.add_mutually_exclusive_group()
    plan.add_argument("--register", type=Path, metavar="PLAN", help="write what would be compared to a file, and stop")
    plan.add_argument("--plan", type=Path, help="a registered plan: the report says whether this is what was planned")
    reproduce.set_defaults(run=_reproduce)


def _reproduce(chosen: argparse.Namespace) -> int:
    from kit import networks, study
    from kit.behavior import ratings
    from kit.study import classes, conditions, export, registration, space_names, spaces
    from kit.study.workers import in_processes

    design = study.QUICK if chosen.quick else study.FULL if chosen.full else study.DEFAULT
    more = {space_names.PHOTOGRAPHS: networks.photograph_network()} if chosen.photographs else {}
    systems = spaces.systems(chosen.networks, design.pixels, design.pixels_long) | more
    plan = registration.plan(design, systems, chosen.turned)
    if chosen.register:
        print(f"registered {chosen.register}, sha256 {registration.register(plan, chosen.register)}")
        return 0
    planned = registration.read(chosen.plan) if chosen.plan else None
    table = classes.together(ratings.read(chosen.ratings)) if chosen.ratings else None
    if table is not None and (together := classes.class_of(table)):
        harmless.say(f"nobody rated enough panels to be predicted alone: compared as a {together}")
    found = []
    for view in conditions.compared(table, chosen.turned):
        out = conditions.folder_of(chosen.out, view)
        with in_processes(chosen.scheduler):
            found.append(study.run(replace(design, view=view), table, systems, folder=out, jobs=chosen.jobs))
        found[-1].save(out)
        export.write(found[-1], out)
    beside = conditions.side_by_side(*found) if len(found) == len(conditions.VIEWS) else None
    told = registration.Held(planned, registration.differences(planned, plan)) if planned else None
    for results in found:
        out = conditions.folder_of(chosen.out, results.design.view)
        print(f"report: {study.report(results, out / 'report.html', beside, told)}")
    return 0


def _add_selfcheck(commands) -> None:
    check = commands.add_parser("selfcheck", help="plant truths in simulated observers and see them come back")
    check.add_argument("--trials", type=int, default=1800, help="trials an observer (default 1800)")
    check.add_argument("--out", type=Path, default=Path("results/selfcheck"), help="folder to work in")
    check.add_argument("--jobs", type=int, default=-1, help="workers (default: one a core)")
    check.set_defaults(run=_selfcheck)


def _selfcheck(chosen: argparse.Namespace) -> int:
    from kit.study import selfcheck
    from kit.study.workers import in_processes

    failed = 0
    with in_processes():
        for check in selfcheck(chosen.trials, chosen.out, chosen.jobs):
            failed += not check.passed
            print(f"{'passed' if check.passed else 'FAILED'}: {check.name} ({check.evidence})", flush=True)
    return 1 if failed else 0


def _add_doctor(commands) -> None:
    doctor = commands.add_parser("doctor", help="look over an assignment before it is handed in")
    doctor.add_argument("notebook", type=Path)
    doctor.add_argument("--fix", action="store_true", help="write a repaired copy NAME.fixed.ipynb beside it")
    doctor.add_argument("--release", type=Path, help="the notebook as it was handed out (default: looked for)")
    doctor.add_argument("--no-run", action="store_true", help="look at the file only, run nothing")
    doctor.add_argument("--seconds", type=float, default=60, help="the most that a cell may take (default 60)")
    doctor.set_defaults(run=_doctor)


def _doctor(chosen: argparse.Namespace) -> int:
    from kit.teaching.doctor import examine

    run, seconds = not chosen.no_run, chosen.seconds
    found = examine(chosen.notebook, fix=chosen.fix, run=run, release=chosen.release, seconds=seconds)
    print(found)
    return 0 if found.healthy else 1


def _add_collect(commands) -> None:
    collect = commands.add_parser("collect", help="sort the hand-ins of a learning platform's download into a course")
    collect.add_argument("download", type=Path, help="zip file, folder, or a single notebook")
    collect.add_argument("--assignment", required=True)
    collect.add_argument("--course", type=Path, default=Path("assignments"), help="its folder (default assignments)")
    collect.add_argument("--roster", type=Path, help="CSV of the people (default: roster.csv of the course, if there)")
    collect.add_argument("--force", action="store_true", help="take older files too; what is replaced is kept")
    collect.add_argument("--zone", help="the platform's time zone, such as Europe/Berlin (default: this machine's)")
    collect.set_defaults(run=_collect)


def _collect(chosen: argparse.Namespace) -> int:
    from kit.course.collect import collect

    about = (chosen.assignment, chosen.course, chosen.roster, chosen.force, chosen.zone)
    collected = collect(chosen.download, *about)
    harmless.say(collected)
    return 1 if collected.unplaced else 0


def _add_grades(commands) -> None:
    grades = commands.add_parser("grades", help="write the gradebook's grades as CSV for a learning platform")
    grades.add_argument("--out", type=Path, default=Path("grades.csv"), help="table to write (default grades.csv)")
    grades.add_argument("--format", choices=("generic", "moodle", "canvas"), default="generic")
    grades.add_argument("--assignment", nargs="*", default=(), help="which (default: all that were released)")
    grades.add_argument("--course", type=Path, default=Path("assignments"), help="its folder (default assignments)")
    grades.add_argument("--zone", help="the platform's time zone, such as Europe/Berlin (default: this machine's)")
    grades.set_defaults(run=_grades)


def _grades(chosen: argparse.Namespace) -> int:
    from kit.course import grades

    table = grades.read(chosen.course, chosen.assignment, chosen.zone)
    unfinished = sorted({g.assignment for g in table if not g.complete})
    harmless.say(f"{len(table)} grades -> {grades.write(table, chosen.out, chosen.format)}")
    for name, when in grades.due(chosen.course, chosen.zone).items():
        if any(g.assignment == name for g in table):
            harmless.say(f"{name}: due {when:%A, %d %B %Y, %H:%M} (UTC{when:%z})")
    for name in unfinished:
        waiting = sum(g.assignment == name and not g.complete for g in table)
        told = "still wait for a person to grade them in formgrader, or were handed in since"
        harmless.say(f"{name}: {waiting} hand-ins {told}", sys.stderr)
    return 1 if unfinished else 0


if __name__ == "__main__":
    sys.exit(main())
