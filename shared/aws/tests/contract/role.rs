//! With whose credentials a process signs: each trial is a process of its own, since what is tried is its environment.

use aws_sdk_dynamodb::error::DisplayErrorContext;
use carteiro_aws::AwsClients;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// Set in a trial's environment.
const TRIAL: &str = "CARTEIRO_ROLE_TRIAL";
/// Where the agent beside a task gives out credentials.
const AGENT: &str = "/v2/credentials/9f3c";
/// What the agent gives out.
const GIVEN: &str = r#"{"AccessKeyId":"ASIATASK","SecretAccessKey":"s","Token":"task-token","Expiration":"2099-01-01T00:00:00Z"}"#;

/// A request that came: its path, whom it is signed by, and the token beside it.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    path: String,
    signed_by: String,
    token: String,
}

/// The agent, and a DynamoDB, at one address.
struct World {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&told)));
            }
        });
        Self { url, seen }
    }

    /// Lists the tables in a process that has this environment and nothing else of AWS.
    async fn trial(&self, environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "role::lists_tables", "--ignored", "--nocapture"]);
        command.env_clear().env(TRIAL, "1").env("AWS_REGION", "sa-east-1").env("AWS_ENDPOINT_URL", &self.url);
        command.envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
        command.output().await.unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn answer(stream: TcpStream, told: Arc<Mutex<Vec<Seen>>>) {
    let mut stream = BufReader::new(stream);
    let (mut seen, mut length, mut line) = (Seen::default(), 0, String::new());
    while stream.read_line(&mut line).await.unwrap_or(0) > 2 {
        let (name, value) = line.trim_end().split_once(": ").unwrap_or((line.trim_end(), ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-security-token" => value.clone_into(&mut seen.token),
            "authorization" => {
                let key = value.split_once("Credential=").and_then(|(_, rest)| rest.split_once('/'));
                key.unwrap().0.clone_into(&mut seen.signed_by);
            }
            first if seen.path.is_empty() => {
                first.split(' ').nth(1).unwrap_or_default().clone_into(&mut seen.path);
            }
            _ => {}
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let body = if seen.path == AGENT { GIVEN } else { r#"{"TableNames":[]}"# };
    told.lock().unwrap().push(seen);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

fn seen(path: &str, signed_by: &str, token: &str) -> Seen {
    Seen { path: path.to_owned(), signed_by: signed_by.to_owned(), token: token.to_owned() }
}

#[tokio::test]
#[ignore = "what the other tests run, each in an environment of its own"]
async fn lists_tables() {
    if std::env::var_os(TRIAL).is_none() {
        return;
    }
    let answer = AwsClients::load().await.dynamo().list_tables().send().await;
    answer.unwrap_or_else(|error| panic!("{}", DisplayErrorContext(error)));
}

#[tokio::test]
async fn a_function_signs_with_what_lambda_put_into_its_environment() {
    let world = World::start().await;
    let agent = format!("{}{AGENT}", world.url);
    let ended = world
        .trial(&[
            ("AWS_ACCESS_KEY_ID", "ASIAFUNCTION"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_SESSION_TOKEN", "function-token"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent),
        ])
        .await;
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(world.seen(), [seen("/", "ASIAFUNCTION", "function-token")]);
}

#[tokio::test]
async fn a_task_signs_with_what_the_agent_beside_it_gives_out() {
    let world = World::start().await;
    let agent = format!("{}{AGENT}", world.url);
    let ended = world.trial(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent)]).await;
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(world.seen(), [seen(AGENT, "", ""), seen("/", "ASIATASK", "task-token")]);
}

/// Neither a profile nor STS is asked, and the store never: the reason is told.
#[tokio::test]
async fn a_process_without_a_role_says_so_and_asks_nobody() {
    let world = World::start().await;
    let folder = std::env::temp_dir().join(format!("carteiro-role-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (profile, token) = (folder.join("profile"), folder.join("token"));
    std::fs::write(&profile, "[default]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n")
        .unwrap();
    std::fs::write(&token, "a web identity").unwrap();
    let ended = world
        .trial(&[
            ("AWS_SHARED_CREDENTIALS_FILE", profile.to_str().unwrap()),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/other"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ])
        .await;
    std::fs::remove_dir_all(folder).unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    assert!(told.contains("environment: the credential provider was not enabled"), "{told}");
    assert!(told.contains("task: the credential provider was not enabled"), "{told}");
    assert_eq!(world.seen(), []);
}
