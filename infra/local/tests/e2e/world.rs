//! A whole system of its own for one test.

use crate::contact::Contact;
use crate::files::Files;
use crate::tenant::Tenant;
use crate::until::until;
use carteiro_local::{Answer, Http, Options, System};
use serde_json::{Value, json};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Systems that may run at once: each is a dozen processes.
static PLACES: Semaphore = Semaphore::const_new(2);
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory under the target directory, removed when the test has passed and kept for a look when it has not.
pub(crate) struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("e2e-{}-{number}", std::process::id())))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the logs are in {}", self.0.join("logs").display());
        } else {
            let _ = std::fs::remove_dir_all(&self.0);
            let _ = std::fs::remove_dir_all(self.0.with_extension("files"));
        }
    }
}

/// The root of the repository.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The system, and what a test does with it.
pub(crate) struct World {
    system: System,
    pub(crate) http: Http,
    directory: Directory,
    _place: SemaphorePermit<'static>,
}

impl Deref for World {
    type Target = System;

    fn deref(&self) -> &System {
        &self.system
    }
}

impl World {
    pub(crate) async fn start() -> World {
        Self::launch(None).await
    }

    /// A system that fetches from this file server as if it were on the Internet.
    pub(crate) async fn start_with(files: &Files) -> World {
        Self::launch(Some(files)).await
    }

    /// A system of so many session tasks, whose ways can be cut.
    pub(crate) async fn start_fleet(tasks: usize) -> World {
        Self::launch_with(None, |options| Options { tasks, linked: true, ..options }).await
    }

    async fn launch(files: Option<&Files>) -> World {
        Self::launch_with(files, |options| options).await
    }

    async fn launch_with(files: Option<&Files>, change: impl FnOnce(Options) -> Options) -> World {
        let place = PLACES.acquire().await.unwrap();
        let directory = Directory::new();
        // Beside the state, which a system empties or refuses when it does not know what is there.
        let origins = files.map(|files| files.origins(&directory.0.with_extension("files")));
        let packaged = std::env::var_os("CARTEIRO_PACKAGED").map(|path| workspace().join(path));
        let options = change(Options { origins, packaged, ..Options::quiet(&directory.0) });
        let system = System::start(options).await.unwrap();
        World { system, http: Http::new(), directory, _place: place }
    }

    /// Stops the whole system and starts it again on the same state.
    pub(crate) async fn restart(self) -> World {
        let World { system, http, directory, _place } = self;
        let system = system.restart().await.unwrap();
        World { system, http, directory, _place }
    }

    /// Stops the system; every test ends with it, so that nothing it started outlives it.
    pub(crate) async fn stop(self) {
        self.system.stop().await;
    }

    /// A request to the API.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        self.system.client().call(method, path, headers, body).await.unwrap()
    }

    /// A tenant that the operator registered, on the plan with everything.
    pub(crate) async fn tenant(&self, login: &str, phone: &str) -> Tenant<'_> {
        self.tenant_on("premium", login, phone).await
    }

    pub(crate) async fn tenant_on(&self, plan: &str, login: &str, phone: &str) -> Tenant<'_> {
        let registered = self.system.client().register(plan, login, phone).await.unwrap();
        Tenant::new(self, registered.token, &registered.id)
    }

    /// A request of the operator.
    pub(crate) async fn operate(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.call(method, path, &[("api-token", self.system.operator_token())], body).await
    }

    /// Somebody with WhatsApp.
    pub(crate) async fn contact(&self, number: &str) -> Contact<'_> {
        self.contact_with(json!({"number": number, "auto_receipts": "delivered"})).await
    }

    pub(crate) async fn contact_with(&self, declaration: Value) -> Contact<'_> {
        self.admin("POST", "/admin/accounts", Some(&declaration)).await;
        Contact::new(self, declaration["number"].as_str().unwrap())
    }

    /// A fault of the simulator.
    pub(crate) async fn fault(&self, fault: Value) {
        self.admin("POST", "/admin/faults", Some(&fault)).await;
    }

    /// A request to the simulator's admin API, which must succeed.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.system.client().admin(method, path, body).await.unwrap()
    }

    /// The six digits of the latest code mailed to `address`, once there are `count` mails to it.
    pub(crate) async fn mailed_code(&self, address: &str, count: usize) -> String {
        until("a code was mailed", async || {
            let mails = self.system.mailbox().mails().await.unwrap();
            let ours: Vec<_> = mails.iter().filter(|mail| mail.to.iter().any(|to| to == address)).collect();
            (ours.len() >= count).then(|| six_digits(&ours[ours.len() - 1].text))
        })
        .await
    }

    /// The six digits of the latest code sent to `phone` by SMS, once there are `count` messages to it.
    pub(crate) async fn texted_code(&self, phone: &str, count: usize) -> String {
        until("a code came by SMS", async || {
            let texts = self.system.mailbox().texts().await.unwrap();
            let ours: Vec<_> = texts.iter().filter(|text| text.to.trim_start_matches('+') == phone).collect();
            (ours.len() >= count).then(|| six_digits(&ours[ours.len() - 1].text))
        })
        .await
    }
}

impl World {
    /// Every log of the system, by name.
    pub(crate) fn all_logs(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(self.system.logs()).unwrap();
        let read = |entry: std::fs::DirEntry| {
            let text = std::fs::read(entry.path()).unwrap();
            (entry.file_name().to_string_lossy().into_owned(), String::from_utf8_lossy(&text).into_owned())
        };
        entries.map(|entry| read(entry.unwrap())).collect()
    }
}

fn six_digits(text: &str) -> String {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().find(|run| run.len() == 6).unwrap_or_else(|| panic!("no code in the message")).to_owned()
}
