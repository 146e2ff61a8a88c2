//! Files and directories: saving over an old file, loading what is no file, loading what matches.

use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::*;
use fusion::prelude::*;

use super::models::{Other, bits, two};
use super::{FITTING, file, file_with, fitting_is_loaded};

/// A directory that is removed after the test.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("fusion-persistence-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the directory");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("ASCII")).collect();
        names.sort_unstable();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_saved_file_has_the_models_bytes_and_loads() {
    let directory = Directory::new();
    let path = directory.join("weights.safetensors");
    fs::write(&path, "old").expect("a file");
    two().save_weights(&path).expect("a writable directory");
    assert_eq!(fs::read(&path).expect("the file"), two().weights_to_bytes());
    assert_eq!(directory.names(), ["weights.safetensors"]);
    let mut model = two();
    model.dense.kernel[1][1] = 0.0;
    model.load_weights(&path).expect("the model's own file");
    assert_eq!(bits(&*model), bits(&*two()));
}

#[test]
fn a_failed_write_leaves_the_old_file_and_nothing_else() {
    let directory = Directory::new();
    let path = directory.join("weights.safetensors");
    fs::write(&path, "old").expect("a file");
    let failed = replace::replace(&path, |mut file| {
        file.write_all(b"half a fi")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert_eq!(failed.expect_err("the closure's error").kind(), io::ErrorKind::StorageFull);
    assert_eq!(fs::read(&path).expect("the file"), b"old");
    assert_eq!(directory.names(), ["weights.safetensors"]);
}

#[test]
fn a_panic_leaves_the_old_file_and_nothing_else() {
    let directory = Directory::new();
    let path = directory.join("weights.safetensors");
    fs::write(&path, "old").expect("a file");
    let panicked = std::panic::catch_unwind(|| replace::replace(&path, |_| panic!("on purpose")));
    assert!(panicked.is_err());
    assert_eq!(fs::read(&path).expect("the file"), b"old");
    assert_eq!(directory.names(), ["weights.safetensors"]);
}

/// What a killed process leaves goes with the next save, and never becomes more.
#[test]
fn a_killed_save_leaves_a_whole_file_and_its_leftovers_go() {
    let directory = Directory::new();
    let path = directory.join("weights.safetensors");
    two().save_weights(&path).expect("a writable directory");
    for kill in 0..60_u64 {
        let mut child = Command::new(std::env::current_exe().expect("the tests"))
            .args(["--exact", "persistence::tests::files::a_child_saves_until_it_is_killed", "--nocapture"])
            .env(SAVES_TO, &path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        // Killed at one place or another of the saves that follow its first one.
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.contains(SAVED) {
            line.clear();
            assert_ne!(output.read_line(&mut line).expect("its output"), 0, "the child saves");
        }
        std::thread::sleep(Duration::from_micros(37 * kill));
        child.kill().expect("a running process");
        child.wait().expect("its end");
        let names = directory.names();
        assert!(names.len() <= 2 && names.contains(&"weights.safetensors".to_owned()), "{names:?}");
        two().load_weights(&path).expect("a whole file");
    }
    // Another file's saves are not in the way, and whoever saves at the same time is left alone.
    let (other, longer) = (directory.join("weights.safetensors-1"), directory.join("weights.safetensors.tmp"));
    let written = replace::replace(&other, |_| {
        two().save_weights(&path).expect("a writable directory");
        replace::replace(&other, |_| Ok(()))?;
        two().save_weights(&longer).map_err(|_| io::ErrorKind::Other.into())
    });
    written.expect("a file that nobody took away");
    let names = ["weights.safetensors", "weights.safetensors-1", "weights.safetensors.tmp"];
    assert_eq!(directory.names(), names);
}

/// Where the child of the test above saves.
const SAVES_TO: &str = "FUSION_TEST_SAVES_TO";
const SAVED: &str = "the child has saved";

#[test]
fn a_child_saves_until_it_is_killed() {
    let Some(path) = std::env::var_os(SAVES_TO) else { return };
    for count in 0.. {
        two().save_weights(&path).expect("a writable directory");
        if count == 0 {
            println!("{SAVED}");
        }
    }
}

#[test]
fn a_directory_is_not_replaced() {
    let directory = Directory::new();
    let path = directory.join("weights");
    fs::create_dir(&path).expect("a directory");
    let error = two().save_weights(&path).expect_err("a directory");
    assert_eq!(error.to_string(), format!("`{}` is not a file that could hold weights", path.display()));
    let error = two().load_weights(&path).expect_err("a directory");
    assert_eq!(error.to_string(), format!("`{}` is not a file that could hold weights", path.display()));
    // What happens should it become a directory after that check.
    assert!(replace::replace(&path, |_| Ok(())).is_err());
    assert_eq!(directory.names(), ["weights"]);
}

#[test]
fn a_missing_directory_or_file_is_named() {
    let directory = Directory::new();
    let path = directory.join("missing").join("weights.safetensors");
    let system = fs::metadata(&path).expect_err("nothing there");
    let error = two().save_weights(&path).expect_err("no directory");
    assert_eq!(error.to_string(), format!("cannot write the weights to `{}`: {system}", path.display()));
    assert!(std::error::Error::source(&error).is_some());
    let error = two().load_weights(&path).expect_err("no file");
    assert_eq!(error.to_string(), format!("cannot read the weights from `{}`: {system}", path.display()));
    assert!(std::error::Error::source(&error).is_some());
    let error = two().load_matching_weights(&path).expect_err("no file");
    assert_eq!(error.to_string(), format!("cannot read the weights from `{}`: {system}", path.display()));
    assert!(directory.names().is_empty());
    let error = two().save_weights(Path::new("")).expect_err("no name");
    assert_eq!(error.to_string(), "cannot write the weights to ``: the path has no file name");
}

#[cfg(unix)]
#[test]
fn an_unwritable_directory_keeps_its_file() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let path = directory.join("weights.safetensors");
    fs::write(&path, "old").expect("a file");
    fs::set_permissions(&directory.0, Permissions::from_mode(0o555)).expect("the owner");
    let saved = two().save_weights(&path);
    // The superuser may write anyway.
    let privileged = fs::write(directory.join("probe"), "").is_ok();
    fs::set_permissions(&directory.0, Permissions::from_mode(0o755)).expect("the owner");
    if !privileged {
        assert!(matches!(saved, Err(WeightsError::Write { .. })));
        assert_eq!(fs::read(&path).expect("the file"), b"old");
        assert_eq!(directory.names(), ["weights.safetensors"]);
    }
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let path = directory.join("weights.safetensors");
    fs::write(&path, "old").expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("the owner");
    two().save_weights(&path).expect("a writable directory");
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn devices_are_neither_read_nor_replaced() {
    let path = Path::new("/dev/null");
    assert!(matches!(two().save_weights(path), Err(WeightsError::Refused { reason: Refusal::NotAFile, .. })));
    assert!(matches!(two().load_weights(Path::new("/dev/zero")), Err(WeightsError::Refused { .. })));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let directory = Directory::new();
    let path = directory.join("large.safetensors");
    // A terabyte that takes no room where files may have holes.
    let file = fs::File::create(&path).expect("a file");
    if file.set_len(1 << 40).is_err() {
        return;
    }
    let error = two().load_weights(&path).expect_err("too large");
    // The last two are golden samples and ranges, of 3 inputs and 2 outputs.
    let limit = 8 + 64 * 1024 + 4 * 384 + 18 * 48 + 56 + 64 * (3 + 2) * 4 + 2 * 3 * 4;
    let text =
        format!("`{}` has 1099511627776 bytes, but the weights of this model take at most {limit}", path.display());
    assert_eq!(error.to_string(), text);
}

#[test]
fn what_fits_is_taken() {
    let directory = Directory::new();
    let path = directory.join("other.safetensors");
    let mut tensors = FITTING.to_vec();
    tensors[0] = ("dense/bias", "F32", &[2], &[f32::NAN, 0.0]);
    tensors[2] = ("dense_1/bias", "F32", &[1, 2], &[0.0; 2]);
    tensors.push(("head/kernel", "F32", &[1], &[1.0]));
    fs::write(&path, file_with(r#""fusion.format":"3","fusion.graph":"other""#, &tensors)).expect("a file");
    let mut model = two();
    let matching = model.load_matching_weights(&path).expect("a file with some that fit");
    let text = "loaded 2 tensors, 0 missing, 3 unmatched\n  \
        `dense/bias` has the value NaN at [0]\n  \
        `dense_1/bias` has shape [1, 2] in the file, but [2] in the model\n  \
        `head/kernel` is in the file, but not in the model";
    assert_eq!(matching.to_string(), text);
    assert_eq!(matching.loaded, ["dense/kernel", "dense_1/kernel"]);
    model.dense.bias = [1.0, 2.0];
    model.dense_1.bias = [3.0, 4.0];
    assert!(fitting_is_loaded(&model));
}

#[test]
fn only_what_fits_is_read_of_a_large_file() {
    let directory = Directory::new();
    let path = directory.join("large.safetensors");
    let json = r#"{"dense/bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
        "huge":{"dtype":"U8","shape":[1099511627776],"data_offsets":[8,1099511627784]}}"#;
    let bytes = super::raw(json, &[0; 8]);
    let file = fs::File::create(&path).expect("a file");
    if file.set_len(bytes.len() as u64 + (1 << 40)).is_err() {
        return;
    }
    (&file).write_all(&bytes).expect("the start of the file");
    let mut model = two();
    let matching = model.load_matching_weights(&path).expect("a large file");
    assert_eq!(matching.loaded, ["dense/bias"]);
    assert_eq!(matching.missing, ["dense/kernel", "dense_1/kernel", "dense_1/bias"]);
    assert_eq!(model.dense.bias, [0.0; 2]);
    assert_eq!(model.dense.kernel, two().dense.kernel);
}

#[test]
fn nothing_fits() {
    let directory = Directory::new();
    let path = directory.join("other.safetensors");
    Other::new(1).save_weights(&path).expect("a writable directory");
    let mut model = two();
    let error = model.load_matching_weights(&path).expect_err("nothing that fits");
    let text = "has nothing that this model can take:\n  \
        `dense_1/kernel` is missing in the file\n  \
        `dense_1/bias` is missing in the file\n  \
        `dense/kernel` has shape [1, 1] in the file, but [3, 2] in the model\n  \
        `dense/bias` has shape [1] in the file, but [2] in the model";
    assert_eq!(error.to_string(), format!("`{}` {text}", path.display()));
    assert_eq!(bits(&*model), bits(&*two()));
}

#[test]
fn a_damaged_file_matches_nothing() {
    let directory = Directory::new();
    let path = directory.join("damaged.safetensors");
    let whole = file(&FITTING);
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("a file");
        let mut model = two();
        let refused = model.load_matching_weights(&path);
        assert!(matches!(refused, Err(WeightsError::Refused { .. })));
        assert_eq!(bits(&*model), bits(&*two()));
    }
}
