//! Files, written all or none.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes all of these files, each first beside its place; when one cannot be written, none of them is there.
///
/// # Errors
/// What is in the way, such as a file that is there already, unless `over` says that it may be replaced.
pub fn write(files: Vec<(PathBuf, Vec<u8>)>, over: bool) -> Result<Vec<PathBuf>, String> {
    if let Some((path, _)) = files.iter().find(|(path, _)| !over && path.exists()) {
        return Err(format!("`{}` is there already; `--force` writes over it", path.display()));
    }
    let mut ready = Vec::new();
    for (path, content) in files {
        ready.push((
            beside(&path, &content).map_err(|error| format!("`{}` cannot be written: {error}", path.display()))?,
            path,
        ));
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, path) in ready {
        let persisted = if over { file.persist(&path) } else { file.persist_noclobber(&path) };
        if let Err(error) = persisted {
            if !over {
                written.iter().for_each(|path| drop(fs::remove_file(path)));
            }
            return Err(format!("`{}` cannot be written: {}", path.display(), error.error));
        }
        written.push(path);
    }
    Ok(written)
}

fn beside(path: &Path, content: &[u8]) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
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
