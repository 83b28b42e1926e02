"""The same numbers however many workers: threads, processes, a Dask cluster, and one whose worker dies."""

import copy
import os
import shutil
import signal
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from kit import networks, study
from kit.study.design import Design
from kit.study.results import TABLES
from kit.study.workers import in_processes, on_scheduler, spread

DESIGN = Design(("Mei",), observers=3, controls=(), trials=120, pixels=2, pixels_long=0, folds=4, shifts=2)


def systems():
    """A network of the zoo, and a module of one's own whose statistics a pass in training mode would change."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 8, 8), nn.BatchNorm2d(8), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(0.5)]
    return {"classid": networks.load("classid"), "mine": networks.wrap(nn.Sequential(*layers))}


def states(found):
    return {name: copy.deepcopy(system.module.state_dict()) for name, system in found.items()}


def same(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True, obj=name)
    assert list(one.maps) == list(other.maps)
    assert all(np.array_equal(one.maps[key], other.maps[key], equal_nan=True) for key in one.maps)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    return study.run(DESIGN, systems=systems(), folder=folder, jobs=1), folder


@pytest.fixture
def shelf(alone, tmp_path):
    """A results folder with features and no work done."""
    shutil.copytree(alone[1] / "features", tmp_path / "features")
    return tmp_path


def test_threads_change_nothing(alone, shelf, tmp_path):
    found = systems()
    before = states(found)
    same(study.run(DESIGN, systems=found, folder=tmp_path / "new", jobs=4), alone[0])
    same(study.run(DESIGN, systems=found, folder=shelf, jobs=2), alone[0])
    for name, state in states(found).items():
        assert all(torch.equal(a, b) for a, b in zip(before[name].values(), state.values())), name


def test_processes_change_nothing(alone, shelf):
    with joblib.parallel_config(backend="loky"):
        same(study.run(DESIGN, systems=systems(), folder=shelf, jobs=2), alone[0])


def test_a_cluster_changes_nothing_nor_does_the_death_of_a_worker(alone, shelf, monkeypatch):
    from dask.distributed import LocalCluster

    monkeypatch.chdir(shelf)  # a relative folder, which workers that began elsewhere would not find
    with LocalCluster(2, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        first = cluster.workers[0]
        victim = first.pid

        def kill():
            while not list(shelf.glob("work/*/encode/*.unit")):
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()
        with on_scheduler(cluster.scheduler_address):
            found = study.run(DESIGN, systems=systems(), folder=".", jobs=2)
        assert first.pid != victim, "one worker was killed in the middle"
    same(found, alone[0])


def test_what_is_sent_to_workers_holds_no_network(alone):
    import cloudpickle

    from kit.study.library import Library

    library = Library(alone[1], systems())
    assert len(cloudpickle.dumps(library.shelf)) < 2000 < len(cloudpickle.dumps(library))


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_matrix_products_take_one_thread_in_every_worker_and_as_many_as_before_afterwards(backend):
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2, "blas"):
        with joblib.parallel_config(backend=backend):
            assert set(spread(blas_threads, range(20), 4, "asked")) == {1}
        assert blas_threads() == 2


def test_a_process_that_is_killed_is_told_and_the_next_run_finds_others():
    def killed(item):
        os.kill(os.getpid(), signal.SIGKILL)

    with in_processes():
        with pytest.raises(OSError, match="asked: the system ended a worker.*is not done again"):
            spread(killed, range(3), 2, "asked")
        assert spread(abs, [-1, -2], 2, "asked") == [1, 2]


def test_without_an_address_long_work_is_done_in_processes():
    with in_processes():
        assert os.getpid() not in spread(lambda _: os.getpid(), range(2), 2, "asked")
    assert set(spread(lambda _: os.getpid(), range(2), 2, "asked")) == {os.getpid()}


def blas_threads(_=None):
    from threadpoolctl import threadpool_info

    time.sleep(0.01)
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
