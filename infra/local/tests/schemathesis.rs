//! What the API's document says is true of the running system: schemathesis makes requests from it, good and bad, and looks
//! whether each answer is one that the document tells of.
//!
//! It is a program of its own (PyPI: schemathesis), so this is not part of `cargo test`:
//! `SCHEMATHESIS=path/to/schemathesis cargo test -p carteiro-local --test schemathesis -- --ignored`. CI installs and runs it.
//! `SCHEMATHESIS_SEED` asks for other requests than those that CI makes. What was asked and answered is kept where a run fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use carteiro_local::{Http, Options, System, rates};
use serde_json::json;
use std::path::Path;
use tokio::process::Command;

/// The requests that CI makes.
const SEED: &str = "20261122";

/// What is looked at: no 5xx, and no status, content type, schema or header that the document does not tell of.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance";

#[tokio::test]
#[ignore = "needs schemathesis, which CI installs"]
async fn every_answer_is_one_that_the_document_tells_of() {
    let program = std::env::var("SCHEMATHESIS").expect("SCHEMATHESIS names the program");
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("schemathesis-{}", std::process::id()));
    // Otherwise most of what is asked with a wrong token, and of pages for everybody, is answered that it comes too often.
    let parameters = vec![("Rates", rates(600_000, 100_000))];
    let options = Options { parameters, ..Options::quiet(&directory) };
    let system = System::start(options).await.unwrap();
    let body = json!({"login": "esquema@exemplo.com.br", "number": "5511999990001", "password": "senha-segura-1", "plan": "premium"});
    let url = format!("{}/v2/users/register", system.api_url());
    let operator = system.operator_token().to_owned();
    let made = Http::new().json("POST", &url, &[("api-token", &operator)], &body).await.unwrap();
    let token = made.json()["description"]["token"].as_str().unwrap().to_owned();
    // The number of the document's examples, so that those succeed.
    let worker = json!({"number": "5511999999999", "role": "worker"});
    let url = format!("{}/v2/numbers/add", system.api_url());
    let added = Http::new().json("POST", &url, &[("token", &token)], &worker).await.unwrap();
    assert_eq!(added.status, 201, "{}", added.text());

    let seed = std::env::var("SCHEMATHESIS_SEED").unwrap_or_else(|_| SEED.to_owned());
    let output = Command::new(program)
        .args(["run", &format!("{}/openapi.json", system.api_url()), "--url", &system.api_url()])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "15", "--seed", &seed, "--workers", "4", "--no-color"])
        .args(["--continue-on-failure", "--request-timeout", "30"])
        .args(["--report", "vcr", "--report-dir", "answers"])
        .args(["-H", &format!("token: {token}"), "-H", &format!("api-token: {operator}")])
        .current_dir(&directory)
        .output()
        .await
        .unwrap();
    system.stop().await;
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    assert!(output.status.success(), "see above; logs and answers are in {}", directory.display());
    std::fs::remove_dir_all(directory).unwrap();
}
