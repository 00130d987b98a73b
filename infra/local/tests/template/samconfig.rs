//! `samconfig.toml`: what stands in its lists, the examples in its comments included, is what the template takes, written as SAM reads it.

use super::{read, root, yaml};
use carteiro_core::plan::Plans;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// A line of a list, as TOML reads it; the examples in comments as well.
fn entry(line: &str) -> Option<&str> {
    let line = line.trim().strip_prefix("# ").unwrap_or(line.trim()).strip_suffix(',')?;
    let quotes = ["\"\"\"", "\"", "'"].into_iter();
    quotes.into_iter().find_map(|quote| line.strip_prefix(quote)?.strip_suffix(quote))
}

/// The lists of parameters, each with its section's name, the entries as they stand there.
fn lists() -> Vec<(String, Vec<String>)> {
    let text = read("samconfig.toml");
    let sections = text.split("\n[").filter_map(|section| section.split_once(".deploy.parameters]\n"));
    let list = |body: &str| {
        let (_, list) = body.split_once("parameter_overrides = [\n").unwrap();
        list.split("\n]").next().unwrap().lines().filter_map(entry).map(str::to_owned).collect()
    };
    sections.map(|(name, body)| (name.to_owned(), list(body))).collect()
}

/// A value without the quotes that are SAM's.
fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    within('\'').or_else(|| within('"')).unwrap_or(value)
}

/// The same, as names and values.
pub(crate) fn sections() -> Vec<(String, Vec<(String, String)>)> {
    let pair = |entry: &String| {
        let (name, value) = entry.split_once('=').unwrap();
        assert!(!value.is_empty(), "SAM refuses {entry}: an empty value has quotes");
        (name.to_owned(), unquoted(value).to_owned())
    };
    lists().into_iter().map(|(name, list)| (name, list.iter().map(pair).collect())).collect()
}

#[test]
fn each_value_is_one_that_the_template_takes() {
    let parameters = &yaml::read(&read("template.yaml"))["Parameters"];
    let sections = sections();
    assert_eq!(sections.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["default", "prod"]);
    for (section, given) in sections {
        for (name, value) in &given {
            let parameter = &parameters[name];
            assert!(!parameter.is_null(), "{section}: there is no {name}");
            if let Some(allowed) = parameter["AllowedValues"].as_array() {
                assert!(allowed.iter().any(|one| yaml::text(one) == *value), "{section}: {name}={value}");
            }
        }
        for name in ["MailFrom", "CorsOrigins", "CreateVpc", "SessionImage"] {
            assert!(given.iter().any(|(given, _)| given == name), "{section} shows {name}");
        }
    }
}

#[test]
fn the_examples_of_plans_and_rates_are_such() {
    let (_, given) = sections().remove(0);
    let of = |name: &str| given.iter().find(|(given, _)| given == name).unwrap().1.clone();
    assert_eq!(Plans::from_json(&of("Plans")).unwrap().default_name().as_str(), "basico");
    let groups = |json: &str| -> Vec<String> {
        serde_json::from_str::<Value>(json).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    let default = yaml::text(&yaml::read(&read("template.yaml"))["Parameters"]["Rates"]["Default"]);
    assert_eq!(groups(&of("Rates")), groups(&default));
    assert_eq!(groups(&carteiro_local::rates(60, 1)), groups(&default), "and those of tests and benchmarks");
}

/// The Python that SAM runs on: beside it on the `PATH`, or where `.ci/run` has it.
fn python_of_sam() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([root().join("target/ci-tools/packaging/bin")]);
    let mut beside =
        folders.filter(|folder| folder.join("sam").is_file()).map(|folder| folder.join("python"));
    beside.find(|python| python.is_file())
}

#[test]
fn sam_reads_them_so() {
    let Some(python) = python_of_sam() else {
        eprintln!("SKIPPED: SAM's own reading of samconfig.toml needs sam, which is not here");
        return;
    };
    const READ: &str = "import json, sys; from samcli.cli.types import CfnParameterOverridesType as T; \
                        print(json.dumps(T().convert(json.loads(sys.argv[1]), None, None)))";
    let ask = |list: &[String]| {
        let list = serde_json::to_string(list).unwrap();
        let run = Command::new(&python).args(["-c", READ, &list]).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        serde_json::from_slice::<Value>(&run.stdout).unwrap()
    };
    for ((section, list), (_, given)) in lists().iter().zip(sections()) {
        let read = ask(list);
        for (name, value) in given {
            assert_eq!(read[&name], value.as_str(), "{section}: {name}");
        }
    }
    // As words, which is how a deployment from GitHub has them.
    let page = read("docs/how-to/deploy.md");
    let (_, rest) = page.split_once("`Plans={").unwrap();
    let words = format!("Plans={{{}", rest.split('`').next().unwrap());
    let found = ask(&[words]);
    assert!(Plans::from_json(found["Plans"].as_str().unwrap()).is_ok(), "{found}");
}
