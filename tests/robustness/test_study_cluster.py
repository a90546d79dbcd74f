"""A study on a Dask cluster of this machine: the same hash of every case as in this process; a worker may die."""

import os

import pytest

from deadlight.study import cluster
from deadlight.study.run import How, run_study
from deadlight.study.table import read_table
from support_study import with_window, write_study

dask = pytest.importorskip("dask", reason="pip install 'deadlight[cluster]'")
distributed = pytest.importorskip("distributed", reason="pip install 'deadlight[cluster]'")
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def address():
    # a case that ends its worker is not to be tried on others first: the study does that itself, one by one
    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.scheduler.worker-saturation": 1.0}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, worker_dashboard_address=None
        ) as made,
    ):
        yield made.scheduler_address


def test_the_same_hashes_from_a_cluster(tmp_path, monkeypatch, address):
    monkeypatch.setitem(cluster.CHUNK, "quick", 3)
    here, there = tmp_path / "here", tmp_path / "there"
    path = write_study(tmp_path)
    run_study(path, with_window(here), how=How(1))
    run_study(path, with_window(there), how=How(scheduler=address))
    one, other = read_table(here), read_table(there)
    assert one.column("content").to_pylist() == other.column("content").to_pylist()
    assert one.column("key").to_pylist() == other.column("key").to_pylist()


def ending(told):
    """The work of a cluster, with one case that ends its process."""
    from deadlight.study.plan import plan_of
    from deadlight.study.read import read_study

    bad = next(p.key for g in plan_of(read_study(told["study"])).groups for p in g.posed if p.row.index == 3)
    if bad in told["keys"]:
        os._exit(11)
    return cluster.answer(told)


def test_a_case_that_ends_its_worker_is_recorded_and_costs_no_other(tmp_path, monkeypatch, address):
    monkeypatch.setitem(cluster.CHUNK, "quick", 4)
    monkeypatch.setattr(cluster, "submitted", ending)
    out = with_window(tmp_path / "out")
    run_study(write_study(tmp_path), out, how=How(scheduler=address))
    rows = read_table(out).to_pylist()
    assert [r["row"] for r in rows if r["status"] == "failed"] == [3]
    assert "its worker ended" in rows[3]["reason"]
    assert len(rows) == 12
