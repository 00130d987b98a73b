//! Keeps the rules of the architecture: which crate may depend on which, and what may stand where.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it is skipped"
)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const FUNCTIONS: [&str; 17] = [
    "auth",
    "users",
    "numbers",
    "sends",
    "sessions",
    "reports",
    "receivers",
    "operator",
    "docs",
    "exports",
    "bulk",
    "dispatch",
    "webhooks",
    "received",
    "bounces",
    "sweeper",
    "rotation",
];
const AGPL: [&str; 3] = ["carteiro-engine", "carteiro-session", "carteiro-simulator"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Each workspace crate's direct dependencies, those of tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version=1", "--offline"])).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let direct = package["dependencies"].as_array().unwrap().iter();
            let direct = direct.filter(|d| d["kind"].as_str() != Some("dev")).map(|d| text(&d["name"]));
            (text(&package["name"]), direct.collect())
        })
        .collect()
}

/// Everything that a crate links, by name.
fn links(package: &str) -> BTreeSet<String> {
    let tree = cargo(&[
        "tree",
        "--offline",
        "--package",
        package,
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The Rust files below a folder, without their comments.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code =
                    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>();
                found.push((path, code.join("\n")));
            }
        }
    }
    found
}

#[test]
fn the_core_does_no_input_or_output() {
    let allowed = [
        "argon2",
        "async-trait",
        "base64",
        "bytes",
        "csv",
        "email_address",
        "futures-util",
        "hex",
        "hmac",
        "jiff",
        "secrecy",
        "serde",
        "serde_json",
        "sha2",
        "subtle",
        "thiserror",
        "url",
        "uuid",
    ];
    for dependency in &dependencies()["carteiro-core"] {
        assert!(allowed.contains(&dependency.as_str()), "shared/core depends on {dependency}");
    }
    for (path, text) in sources("shared/core/src") {
        for banned in [
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "SystemTime::now",
            "Instant::now",
            "Timestamp::now",
        ] {
            // The objects in memory, for tests, stream from and into files as the port says.
            let allowed = banned == "std::fs" && path.ends_with("testing/objects.rs");
            assert!(allowed || !text.contains(banned), "{} names {banned}", path.display());
        }
    }
}

#[test]
fn functions_depend_on_shared_crates_only() {
    let shared = [
        "carteiro-core",
        "carteiro-aws",
        "carteiro-http",
        "carteiro-queue",
        "carteiro-telemetry",
        "carteiro-start",
        "carteiro-fetch",
        "carteiro-media",
        "carteiro-prepare",
        "carteiro-qr",
    ];
    let dependencies = dependencies();
    for function in FUNCTIONS {
        let ours =
            dependencies[&format!("carteiro-{function}")].iter().filter(|d| d.starts_with("carteiro-"));
        for dependency in ours {
            assert!(shared.contains(&dependency.as_str()), "functions/{function} depends on {dependency}");
        }
    }
    for crate_name in shared {
        for dependency in dependencies[crate_name].iter().filter(|d| d.starts_with("carteiro-")) {
            assert!(shared.contains(&dependency.as_str()), "{crate_name} depends on {dependency}");
        }
    }
}

#[test]
fn one_crate_names_the_whatsapp_client_and_no_function_links_it() {
    for (name, direct) in dependencies() {
        let names_client = direct.contains("whatsapp-rust");
        assert!(!names_client || name == "carteiro-engine", "{name} depends on whatsapp-rust");
        let names_wacore = direct.iter().any(|d| d.starts_with("wacore"));
        assert!(
            !names_wacore || AGPL.contains(&name.as_str()),
            "{name} depends on wacore, whose Signal files are AGPL"
        );
    }
    for function in FUNCTIONS {
        let linked = links(&format!("carteiro-{function}"));
        assert!(
            !linked.iter().any(|c| c.starts_with("wacore") || c.starts_with("whatsapp")),
            "functions/{function} links the client"
        );
    }
}

#[test]
fn the_simulator_is_in_no_production_binary() {
    for (name, direct) in dependencies() {
        assert!(!direct.contains("carteiro-simulator"), "{name} depends on the simulator outside its tests");
    }
}

#[test]
fn a_function_links_one_tls_stack() {
    for function in FUNCTIONS {
        let linked = links(&format!("carteiro-{function}"));
        for other in ["ring", "openssl", "openssl-sys", "native-tls"] {
            assert!(!linked.contains(other), "functions/{function} links {other} beside aws-lc-rs");
        }
    }
}

#[test]
fn only_mains_read_the_environment() {
    for folder in ["shared", "functions", "infra/session"] {
        for (path, text) in sources(folder) {
            let is_main = path.file_name().is_some_and(|name| name == "main.rs");
            let is_test =
                path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches");
            assert!(
                is_main || is_test || !text.contains("env::var"),
                "{} reads the environment",
                path.display()
            );
        }
    }
}

#[test]
fn licences_say_which_crates_link_agpl_code() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version=1", "--offline"])).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let expected = if AGPL.contains(&name) { "AGPL-3.0-only" } else { "MIT OR Apache-2.0" };
        assert_eq!(package["license"].as_str(), Some(expected), "{name}");
    }
}

#[test]
fn no_file_is_named_after_nothing() {
    for folder in ["shared", "functions", "infra"] {
        for (path, _) in sources(folder) {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(
                !["utils", "util", "helpers", "helper", "common", "manager", "misc"].contains(&stem.as_str()),
                "{}",
                path.display()
            );
        }
    }
}
