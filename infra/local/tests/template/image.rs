//! The Dockerfile of the session task against the rest of the repository.

use crate::read;

#[test]
fn the_image_is_built_by_the_workspace_s_rust() {
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    let wanted = format!("FROM rust:{}-slim", version.trim_matches('"'));
    let dockerfile = read("infra/session/Dockerfile");
    assert!(dockerfile.lines().any(|line| line.starts_with(&wanted)), "no {wanted}");
}

/// What `.gitignore` leaves out is made on this machine and may be gigabytes: `COPY . .` must not take it in.
#[test]
fn the_image_is_not_built_from_what_is_built_here() {
    let left_out = read(".dockerignore");
    let left_out: Vec<&str> = left_out.lines().map(|line| line.trim_start_matches("**/")).collect();
    let ignored = read(".gitignore");
    let folders: Vec<&str> = ignored.lines().filter_map(|line| line.strip_suffix('/')).collect();
    assert!(folders.contains(&"target"));
    for folder in folders {
        assert!(left_out.contains(&folder), "{folder} is not in .dockerignore");
    }
}
