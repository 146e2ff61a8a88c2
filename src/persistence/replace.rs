//! Files that take the place of others, whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many names are tried for the new file. Each process counts them up, so one is usually enough.
const ATTEMPTS: usize = 1000;
/// What the names of new files begin and end with.
const PREFIX: &str = ".fusion-";
const SUFFIX: &str = ".tmp";

/// Gives `path` to a new file with what `write` writes; on an error, the old one stays and the new one goes.
///
/// What a process that was killed meanwhile has left of its new file goes with the next one of the same path.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"));
    };
    // Names have an end, which what is put around this one must not go beyond.
    let name: String = name.to_string_lossy().chars().take(50).collect();
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    remove_leftovers(directory, &name);
    let (file, temporary) = Temporary::create_in(directory, &name)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    write(&file)?;
    file.sync_all()?;
    // Windows does not rename an open file.
    drop(file);
    temporary.rename(path)?;
    // The name, too, should outlast a power failure. Not every system can sync a directory; the file is whole anyway.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Removes new files of this name that nobody writes any more: a writer holds a lock, which goes with its process.
fn remove_leftovers(directory: &Path, name: &str) {
    let start = format!("{PREFIX}{name}-");
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else { continue };
        // Only the process and the count stand between: of a longer name it may be the beginning.
        let numbers = file_name.strip_prefix(&start).and_then(|rest| rest.strip_suffix(SUFFIX));
        let is_ours = numbers.is_some_and(|numbers| numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
        // Where it can be locked nobody writes it. What cannot be removed is left.
        if is_ours && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A file that is removed unless it is renamed.
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// A new file of a name that no other has.
    fn create_in(directory: &Path, name: &str) -> io::Result<(File, Self)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut last = io::ErrorKind::AlreadyExists.into();
        for _ in 0..ATTEMPTS {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = directory.join(format!("{PREFIX}{name}-{}-{count}{SUFFIX}", process::id()));
            match File::create_new(&path) {
                // Whoever removes leftovers may have come between. Where there are no locks nothing is removed.
                Ok(file) => match file.try_lock() {
                    Err(fs::TryLockError::WouldBlock) => {}
                    _ if path.exists() => return Ok((file, Self { path, renamed: false })),
                    _ => {}
                },
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // The error that led here is the one to report.
            let _ = fs::remove_file(&self.path);
        }
    }
}
