//! The command, as it is printed on the page.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_carteiro-cost")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn it_prints_a_bill_and_what_is_not_certain() {
    let arguments = ["--sends", "100000", "--media-share", "0.2", "--numbers", "50", "--region", "sa-east-1"];
    let output = run(&arguments);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for part in ["DynamoDB", "Fargate", "US dollars a month", "could not be confirmed", "Prices as of 20"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn it_refuses_what_makes_no_sense() {
    let of = [
        vec!["--sends", "-1"],
        vec!["--sends", "many"],
        vec!["--media-share", "1.5"],
        vec!["--region", "eu-west-1"],
        vec!["--unknown"],
    ];
    for arguments in of {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).starts_with("carteiro-cost: "), "{arguments:?}");
    }
}

#[test]
fn it_tells_its_options_and_assumptions() {
    assert!(text(&run(&["--help"]).stdout).contains("--media-share"));
    assert!(text(&run(&["--assumptions"]).stdout).contains("dispatch_media_ms"));
}
