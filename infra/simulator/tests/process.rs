//! The simulator as a process: its arguments, its line of readiness, its end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

fn simulator(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_carteiro-simulator"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ready(child: &mut Child) -> Value {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

async fn terminate(mut child: Child) {
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_where_it_listens_and_keeps_its_state() {
    let directory = std::env::temp_dir().join(format!("carteiro-simulator-process-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let state = directory.join("state.json");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for round in 0..2 {
        let authority = directory.join(format!("ca-{round}.pem"));
        let arguments = ["--state", state.to_str().unwrap(), "--media-ca", authority.to_str().unwrap()];
        let mut child = simulator(&arguments);
        let ready = ready(&mut child);
        assert!(ready["websocket_url"].as_str().unwrap().starts_with("ws://127.0.0.1:"));
        assert!(ready["secure_websocket_url"].as_str().unwrap().starts_with("wss://127.0.0.1:"));
        assert_eq!(ready["root_key"].as_str().unwrap().len(), 64);
        // The file is there by the time the line is.
        let written = std::fs::read_to_string(&authority).unwrap();
        let url = format!("{}/admin/media/ca", ready["admin_url"].as_str().unwrap());
        assert_eq!(http.get(&url).send().await.unwrap().text().await.unwrap(), written);
        assert!(written.starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(ready["media"].as_str().unwrap().starts_with("127.0.0.1:"));
        let url = format!("{}/admin/accounts", ready["admin_url"].as_str().unwrap());
        if round == 0 {
            let declared = http.post(&url).json(&json!({"number": "5511999990001"})).send().await.unwrap();
            assert_eq!(declared.status(), 201);
        } else {
            let listed = http.get(&url).send().await.unwrap().text().await.unwrap();
            assert!(listed.contains("5511999990001"));
        }
        terminate(child).await;
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn it_refuses_an_address_that_others_can_reach() {
    let mut child = simulator(&["--listen", "0.0.0.0:0"]);
    let status = child.wait().unwrap();
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(errors.contains("not a loopback address"), "{errors}");
}
