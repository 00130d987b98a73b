//! The examples of how a receiver checks a signature, held against what Carteiro signs with.

use crate::blocks::root;
use carteiro_core::webhook::{WebhookSecret, signature};
use jiff::{SignedDuration, Timestamp};
use std::io::Write;
use std::process::{Command, Stdio};

const BODY: &str =
    r#"{"tipo":"recebendoMensagem","sessao":"5511988887777","json":{"body":"Olá, é a Ana 🛵"}}"#;

/// Whether an example takes that delivery; `None` where its language is absent.
fn accepts(program: &str, example: &str, secret: &str, signature: Option<&str>, body: &[u8]) -> Option<bool> {
    let spawned = Command::new(program)
        .arg(root().join("docs/how-to/examples").join(example))
        .env("SECRET", secret)
        .env_remove("SIGNATURE")
        .envs(signature.map(|signature| ("SIGNATURE", signature)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{program}: {error}"),
    };
    child.stdin.take().unwrap().write_all(body).unwrap();
    let output = child.wait_with_output().unwrap();
    let (said, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match (output.status.code(), said.trim()) {
        (Some(0), "valid") => Some(true),
        (Some(1), "refused") => Some(false),
        (code, said) => panic!("{program} {example} ended with {code:?}: {said} {complaint}"),
    }
}

/// Holds an example against every kind of delivery; answers whether its language is there.
fn hold(program: &str, example: &str) -> bool {
    let (ours, before, other) = (
        WebhookSecret::from_random([0x11; 32]),
        WebhookSecret::from_random([0x22; 32]),
        WebhookSecret::from_random([0x33; 32]),
    );
    let now = Timestamp::now();
    let body = BODY.as_bytes();
    let signed = |at, secrets: &[WebhookSecret]| signature(secrets, at, body);
    let fresh = signed(now, std::slice::from_ref(&ours));
    let altered = BODY.replace("Ana", "Eva");
    let time = fresh.split(',').next().unwrap();
    let cases = [
        ("as it is", fresh.clone(), body, true),
        ("a minute old", signed(now - SignedDuration::from_mins(1), std::slice::from_ref(&ours)), body, true),
        ("after a rotation", signed(now, &[other.clone(), ours.clone()]), body, true),
        ("another body", fresh.clone(), altered.as_bytes(), false),
        ("no body", fresh.clone(), b"".as_slice(), false),
        ("of another secret", signed(now, std::slice::from_ref(&other)), body, false),
        ("of two other secrets", signed(now, &[other, before]), body, false),
        (
            "ten minutes old",
            signed(now - SignedDuration::from_mins(10), std::slice::from_ref(&ours)),
            body,
            false,
        ),
        (
            "of the future",
            signed(now + SignedDuration::from_mins(10), std::slice::from_ref(&ours)),
            body,
            false,
        ),
        ("another time", fresh.replace(time, &format!("t={}", now.as_second() - 5)), body, false),
        ("no signature", time.to_owned(), body, false),
        ("no time", fresh.replace(&format!("{time},"), ""), body, false),
        ("nothing", String::new(), body, false),
        ("half a signature", fresh[..fresh.len() - 2].to_owned(), body, false),
        ("what is no hex", format!("{time},v1=é"), body, false),
    ];
    for (what, signature, body, expected) in cases {
        match accepts(program, example, ours.reveal(), Some(&signature), body) {
            Some(accepted) => assert_eq!(accepted, expected, "{example}: a delivery {what}"),
            None => return false,
        }
    }
    let without = accepts(program, example, ours.reveal(), None, body);
    assert_eq!(without, Some(false), "{example}: a delivery without the header");
    true
}

#[test]
fn the_python_example_tells_good_from_bad() {
    assert!(hold("python3", "verify.py"), "python3 is needed, as for all of Carteiro's development");
}

#[test]
fn the_node_example_tells_good_from_bad() {
    if !hold("node", "verify.mjs") {
        eprintln!("SKIPPED: the example in Node.js needs node, which is not here");
    }
}

#[test]
fn the_php_example_tells_good_from_bad() {
    if !hold("php", "verify.php") {
        eprintln!("SKIPPED: the example in PHP needs php, which is not here");
    }
}
