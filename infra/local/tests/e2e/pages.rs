//! The commands of `docs/`, run by a shell as they stand on their pages, from the top of the repository; only the addresses and the
//! operator's token are put in. Which blocks are run and which are marked is told in `tests/docs/marks.rs`.

#[path = "../docs/blocks.rs"]
mod blocks;
mod readme;
#[path = "../docs/requests.rs"]
mod requests;

use crate::files::Files;
use crate::samples;
use crate::world::World;
use blocks::{blocks, pages, root};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// For how long a page, or the start of a system, may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// What a reader does by hand: notices that a command failed.
const CAREFUL: &str = "set -euo pipefail\ncurl() { command curl --fail-with-body \"$@\"; }\n";

/// Where a reader's system is.
struct Reader {
    api: String,
    admin: String,
    operator: String,
}

impl Reader {
    /// Runs the commands of a page, one after the other.
    async fn follow(&self, page: &Path) {
        let mut script = CAREFUL.to_owned();
        for block in blocks(page).into_iter().filter(|block| block.language == "sh" && block.mark.is_empty())
        {
            script.push_str(&format!("echo '## {}' >&2\n{}", block.place, block.text));
        }
        let run = Command::new("bash")
            .args(["-c", &script])
            .current_dir(root())
            .envs([("API", &self.api), ("ADMIN", &self.admin), ("OPERATOR", &self.operator)])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(PATIENCE, run).await;
        let output = output.unwrap_or_else(|_| panic!("{} takes too long", page.display())).unwrap();
        let (said, complaint) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}: {}\n{said}\n{complaint}", page.display(), output.status);
    }
}

fn has_commands(page: &Path) -> bool {
    blocks(page).iter().any(|block| block.language == "sh" && block.mark.is_empty())
}

#[tokio::test]
async fn every_page_can_be_followed() {
    let files = Files::start().await;
    let world = World::start_with(&files).await;
    files.serve("/imagem.jpg", "image/jpeg", samples::png());
    let reader = Reader {
        api: world.api_url(),
        admin: world.admin_url().unwrap().to_owned(),
        operator: world.operator_token().to_owned(),
    };
    let tutorial = root().join("docs/tutorial.md");
    let mut followed = 0;
    for page in pages().into_iter().filter(|page| *page != tutorial && has_commands(page)) {
        reader.follow(&page).await;
        followed += 1;
    }
    assert!(followed > 3);
    world.stop().await;
}

/// The program that `cargo run` starts, until it is stopped as Ctrl-C does.
struct Program {
    child: Child,
    directory: std::path::PathBuf,
}

impl Program {
    /// Starts it apart from what a developer may be running, and reads what it prints when it is up.
    async fn start() -> (Self, Reader) {
        let directory =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tutorial-{}", std::process::id()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_carteiro"))
            .args(["--free-ports", "--state-dir"])
            .arg(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let read = async {
            let (mut api, mut admin, mut operator) = (None, None, None);
            while let Some(line) = lines.next_line().await.unwrap() {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words[..] {
                    ["API", address] => api = Some(address.to_owned()),
                    ["Operator's", "token", token] => operator = Some(token.to_owned()),
                    ["WhatsApp", "simulated;", ..] => {
                        admin =
                            words.iter().find(|word| word.starts_with("http")).map(|&word| word.to_owned());
                    }
                    ["Ctrl-C", ..] => break,
                    _ => {}
                }
            }
            Reader { api: api.unwrap(), admin: admin.unwrap(), operator: operator.unwrap() }
        };
        let reader = timeout(PATIENCE, read).await.expect("it says where it is");
        // Whoever reads no more would stop it at its next line.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        (Self { child, directory }, reader)
    }

    async fn stop(mut self) {
        let id = self.child.id().unwrap().to_string();
        let told = Command::new("kill").args(["-INT", &id]).status().await.unwrap();
        assert!(told.success());
        let ended = timeout(PATIENCE, self.child.wait()).await.expect("it stops").unwrap();
        assert!(ended.success(), "{ended}");
        std::fs::remove_dir_all(&self.directory).unwrap();
    }
}

#[tokio::test]
async fn the_tutorial_can_be_followed() {
    let (program, reader) = Program::start().await;
    reader.follow(&root().join("docs/tutorial.md")).await;
    program.stop().await;
}

#[tokio::test]
async fn the_trial_shows_that_it_works() {
    let run = Command::new(env!("CARGO_BIN_EXE_carteiro"))
        .arg("try")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, run).await.expect("it ends").unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("All of it happened."), "{said}");
}
