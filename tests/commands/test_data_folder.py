"""The data folder is taken by one command at a time, and only a folder of Berth's is ever emptied."""

import os
import sys
from pathlib import Path

import pytest
from _console import ROOT, Refusal
from _data_folder import FIRST_KEYS, KEY_NAMES, RESEAL_DUE, DataFolder, check_may_reset


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_a_folder_in_use_is_refused_with_the_process_that_uses_it(folder: DataFolder) -> None:
    with pytest.raises(Refusal, match=rf"already running .*\(process {os.getpid()}\)"):
        DataFolder(folder.path)


def test_a_folder_that_was_let_go_may_be_taken_again(folder: DataFolder) -> None:
    os.close(folder.lock_descriptor)

    DataFolder(folder.path)


def test_a_foreign_folder_is_neither_used_nor_emptied(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()

    with pytest.raises(Refusal, match="not Berth's"):
        DataFolder(tmp_path)
    with pytest.raises(Refusal, match="nothing was removed"):
        check_may_reset(tmp_path)

    assert (tmp_path / "holiday.jpg").exists()


def test_reset_removes_everything_but_what_lies_behind_a_link(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").touch()
    (folder / "berth.sqlite3").touch()
    (folder / "log").mkdir()
    (folder / "log" / "web.log").touch()
    (folder / "link").symlink_to(tmp_path / "outside")

    folder.reset()

    assert not {"berth.sqlite3", "log", "link"} & {entry.name for entry in folder.path.iterdir()}
    assert (tmp_path / "outside" / "kept").exists()


def test_the_keys_are_made_once_and_for_the_owner_alone(folder: DataFolder) -> None:
    keys = folder.keys(Path(sys.executable), environ={}, root=ROOT)
    again = folder.keys(Path(sys.executable), environ={}, root=ROOT)

    assert keys == again
    assert (folder / "keys.env").stat().st_mode & 0o777 == 0o600
    assert set(keys) == set(KEY_NAMES)
    assert not (folder / RESEAL_DUE).exists()


def test_making_keys_says_loudly_what_their_loss_means(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.keys(Path(sys.executable), environ={}, root=ROOT)

    assert "EVERY STORED CREDENTIAL IS LOST" in capsys.readouterr().out


def test_half_a_key_pair_from_outside_is_refused(folder: DataFolder) -> None:
    with pytest.raises(
        Refusal, match="not SECRET_KEY, CREDENTIAL_PRIVATE_KEYS, WEBHOOK_PUBLIC_KEY, WEBHOOK_PRIVATE_KEYS"
    ):
        folder.keys(Path(sys.executable), environ={"CREDENTIAL_PUBLIC_KEY": "x"}, root=ROOT)


def test_a_damaged_key_file_is_never_replaced_in_silence(folder: DataFolder) -> None:
    (folder / "keys.env").write_text("SECRET_KEY=only-this\n")

    with pytest.raises(Refusal, match="lacks CREDENTIAL_PUBLIC_KEY, CREDENTIAL_PRIVATE_KEYS"):
        folder.keys(Path(sys.executable), environ={}, root=ROOT)


def test_the_keys_of_an_older_berth_are_kept_and_completed(folder: DataFolder) -> None:
    older = folder.keys(Path(sys.executable), environ={}, root=ROOT)
    (folder / "keys.env").write_text("\n".join(f"{name}={older[name]}" for name in FIRST_KEYS))

    keys = folder.keys(Path(sys.executable), environ={}, root=ROOT)

    assert set(keys) == set(KEY_NAMES)
    assert {name: keys[name] for name in FIRST_KEYS} == {name: older[name] for name in FIRST_KEYS}
    assert (folder / RESEAL_DUE).exists()
