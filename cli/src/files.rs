//! Files, written all or none.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// Writes all of these files, each first beside its place; when one cannot be written, all is as it was.
///
/// # Errors
/// What is in the way, such as a file that is there already, unless `over` says that it may be replaced.
pub fn write(files: Vec<(PathBuf, Vec<u8>)>, over: bool) -> Result<Vec<PathBuf>, String> {
    if let Some((path, _)) = files.iter().find(|(path, _)| !over && path.exists()) {
        return Err(format!("`{}` is there already; `--force` writes over it", path.display()));
    }
    let mut ready = Vec::new();
    for (path, content) in files {
        let cannot = |error: std::io::Error| format!("`{}` cannot be written: {error}", path.display());
        let (file, before) = (beside(&path, &content).map_err(cannot)?, kept(&path).map_err(cannot)?);
        ready.push((file, before, path));
    }
    let mut written: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
    for (file, before, path) in ready {
        let persisted = if over { file.persist(&path) } else { file.persist_noclobber(&path) };
        if let Err(error) = persisted {
            let left = restore(written);
            return Err(format!("`{}` cannot be written: {}{left}", path.display(), error.error));
        }
        written.push((path, before));
    }
    Ok(written.into_iter().map(|(path, _)| path).collect())
}

/// Puts back what was there, the last first, and says what could not be.
fn restore(written: Vec<(PathBuf, Option<TempPath>)>) -> String {
    let mut left = Vec::new();
    for (path, before) in written.into_iter().rev() {
        let result = match before {
            Some(before) => before.persist(&path).map_err(|error| {
                // What cannot be put back is kept where it is.
                let kept = error.path.keep().map(|kept| format!(", what it was is `{}`", kept.display()));
                format!("{}{}", error.error, kept.unwrap_or_default())
            }),
            None => fs::remove_file(&path).map_err(|error| error.to_string()),
        };
        if let Err(error) = result {
            left.push(format!("`{}` is the new one ({error})", path.display()));
        }
    }
    if left.is_empty() { "; nothing is changed".to_owned() } else { format!("; {}", left.join(", ")) }
}

/// What a place has now, under another name beside it, until all is done.
fn kept(path: &Path) -> std::io::Result<Option<TempPath>> {
    if !path.is_file() {
        return Ok(None);
    }
    let place = tempfile::Builder::new().tempfile_in(folder_of(path))?.into_temp_path();
    fs::remove_file(&place)?;
    // Without a second copy of the weights, where the file system knows several names of a file.
    if fs::hard_link(path, &place).is_err() {
        fs::copy(path, &place)?;
    }
    Ok(Some(place))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn beside(path: &Path, content: &[u8]) -> std::io::Result<NamedTempFile> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// As of any file: the system takes off what the user does not want.
fn permissions() -> fs::Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::Permissions::from_mode(0o666)
    }
    #[cfg(not(unix))]
    {
        fs::metadata(".").map(|folder| folder.permissions()).expect("the folder is there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_there_again_where_a_file_cannot_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.rs"), "old").unwrap();
        // Nothing can be put in the place of a folder that is not empty.
        fs::create_dir(path("c.rs")).unwrap();
        fs::write(path("c.rs/d"), "mine").unwrap();
        let files = ["a.rs", "b.rs", "c.rs"].map(|name| (path(name), b"new".to_vec()));
        let error = write(files.to_vec(), true).unwrap_err();
        assert!(error.contains("c.rs` cannot be written: ") && error.ends_with("; nothing is changed"), "{error}");
        assert_eq!(fs::read_to_string(path("a.rs")).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

        let written = write(files[..2].to_vec(), true).unwrap();
        assert_eq!(written, [path("a.rs"), path("b.rs")]);
        assert_eq!(fs::read_to_string(path("a.rs")).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
