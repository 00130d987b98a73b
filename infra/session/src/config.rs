//! What the environment says. Only `main` reads it.

use crate::ecs_agent::Agent;
use carteiro_core::plan::Plans;
use carteiro_core::shard::ShardCount;
use carteiro_core::user::ZoneName;
use carteiro_engine::Endpoint;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The task's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The table of sends.
    pub sends_table: String,
    /// The table of tenants and their numbers.
    pub accounts_table: String,
    /// The table of webhooks.
    pub webhooks_table: String,
    /// The queue of webhooks' events.
    pub events_queue: String,
    /// The table of links, leases and WhatsApp state.
    pub sessions_table: String,
    /// The table of chats, messages, people and groups, and of answers.
    pub chats_table: String,
    /// The queue of received files.
    pub media_queue: String,
    /// The bucket of files.
    pub media_bucket: String,
    /// What the URLs of the shards' queues begin with.
    pub queue_prefix: String,
    /// The plans of the deployment, which say how fast numbers send.
    pub plans: Plans,
    /// Where the days of tenants are that have no time zone of their own.
    pub zone: TimeZone,
    /// How many shards there are.
    pub shards: ShardCount,
    /// Which WhatsApp to talk to.
    pub whatsapp: Endpoint,
    /// The file with the certificate of the authority to trust for HTTPS: the simulator's. Only with the cargo feature
    /// `simulator`.
    pub whatsapp_ca: Option<PathBuf>,
    /// The file that says by how many seconds the task's clock is off. Only with the cargo feature `simulator`.
    pub clock_offset: Option<PathBuf>,
    /// The file that says how many calls to AWS fail. Only with the cargo feature `simulator`, and an AWS on this machine.
    pub trouble: Option<PathBuf>,
    /// The version of WhatsApp Web to say, if not the engine's own.
    pub version: Option<(u32, u32, u32)>,
    /// Where to tell whether the task is well.
    pub health: Option<SocketAddr>,
    /// The agent that protects the task from being ended; only ECS has one.
    pub agent: Option<Agent>,
}

/// A variable is missing or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It says something that it cannot say.
    #[error("the environment variable {name} is not valid: {why}")]
    Invalid {
        /// Which.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

fn invalid(name: &'static str, why: impl ToString) -> ConfigError {
    ConfigError::Invalid { name, why: why.to_string() }
}

impl Config {
    /// Reads the configuration; `variable` looks one up.
    pub fn read(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let some = |name| variable(name).filter(|value| !value.is_empty());
        let needed = |name| some(name).ok_or(ConfigError::Missing(name));
        let shards = needed("CARTEIRO_SHARD_COUNT")?;
        let shards = shards.parse().map_err(|_| "not a number".to_owned());
        let shards = shards.and_then(|count| ShardCount::new(count).map_err(|e| e.to_string()));
        let whatsapp = some("CARTEIRO_WHATSAPP").unwrap_or_else(|| "live".to_owned());
        let health = some("CARTEIRO_HEALTH_ADDR").map(|address| address.parse());
        let agent = some("ECS_AGENT_URI").map(|uri| uri.parse());
        let whatsapp_ca = some("CARTEIRO_WHATSAPP_CA").map(PathBuf::from);
        if whatsapp_ca.is_some() && !cfg!(feature = "simulator") {
            let why = "this binary trusts the public authorities only";
            return Err(invalid("CARTEIRO_WHATSAPP_CA", why));
        }
        let clock_offset = some("CARTEIRO_CLOCK_OFFSET_FILE").map(PathBuf::from);
        if clock_offset.is_some() && !cfg!(feature = "simulator") {
            return Err(invalid("CARTEIRO_CLOCK_OFFSET_FILE", "this binary has the machine's clock only"));
        }
        let trouble = some("CARTEIRO_AWS_TROUBLE_FILE").map(PathBuf::from);
        if trouble.is_some() && !cfg!(feature = "simulator") {
            return Err(invalid("CARTEIRO_AWS_TROUBLE_FILE", "this binary makes no trouble"));
        }
        if trouble.is_some() && !some("AWS_ENDPOINT_URL").is_some_and(|url| is_of_this_machine(&url)) {
            let why = "it is for trials: AWS_ENDPOINT_URL must be an address of this machine";
            return Err(invalid("CARTEIRO_AWS_TROUBLE_FILE", why));
        }
        let plans = Plans::from_json(&needed("CARTEIRO_PLANS")?);
        let zone = needed("CARTEIRO_TIME_ZONE")?.parse::<ZoneName>();
        let version = some("CARTEIRO_WHATSAPP_VERSION").map(|text| version(&text));
        Ok(Self {
            sends_table: needed("CARTEIRO_SENDS_TABLE")?,
            accounts_table: needed("CARTEIRO_ACCOUNTS_TABLE")?,
            sessions_table: needed("CARTEIRO_SESSIONS_TABLE")?,
            chats_table: needed("CARTEIRO_CHATS_TABLE")?,
            webhooks_table: needed("CARTEIRO_WEBHOOKS_TABLE")?,
            events_queue: needed("CARTEIRO_EVENTS_QUEUE_URL")?,
            media_queue: needed("CARTEIRO_MEDIA_QUEUE_URL")?,
            media_bucket: needed("CARTEIRO_MEDIA_BUCKET")?,
            queue_prefix: needed("CARTEIRO_SESSION_QUEUE_PREFIX")?,
            plans: plans.map_err(|e| invalid("CARTEIRO_PLANS", e))?,
            zone: zone.map_err(|e| invalid("CARTEIRO_TIME_ZONE", e))?.zone().clone(),
            shards: shards.map_err(|why| invalid("CARTEIRO_SHARD_COUNT", why))?,
            whatsapp: whatsapp.parse().map_err(|e| invalid("CARTEIRO_WHATSAPP", e))?,
            whatsapp_ca,
            clock_offset,
            trouble,
            version: version.transpose()?,
            health: health.transpose().map_err(|e| invalid("CARTEIRO_HEALTH_ADDR", e))?,
            agent: agent.transpose().map_err(|e| invalid("ECS_AGENT_URI", e))?,
        })
    }
}

/// Whether a URL such as `http://127.0.0.1:4566` leads to this machine, by an address in figures.
fn is_of_this_machine(url: &str) -> bool {
    let host = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    host.and_then(|host| host.parse::<SocketAddr>().ok()).is_some_and(|address| address.ip().is_loopback())
}

/// Reads `2.3000.1029000000`.
fn version(text: &str) -> Result<(u32, u32, u32), ConfigError> {
    let parts: Vec<u32> = text.split('.').filter_map(|part| part.parse().ok()).collect();
    match (parts.as_slice(), text.split('.').count()) {
        ([major, minor, revision], 3) => Ok((*major, *minor, *revision)),
        _ => Err(invalid("CARTEIRO_WHATSAPP_VERSION", "not three numbers with dots between")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &'static str) -> Option<String> {
        let value = match name {
            "CARTEIRO_SENDS_TABLE" => "sends",
            "CARTEIRO_ACCOUNTS_TABLE" => "accounts",
            "CARTEIRO_SESSIONS_TABLE" => "sessions",
            "CARTEIRO_CHATS_TABLE" => "chats",
            "CARTEIRO_WEBHOOKS_TABLE" => "webhooks",
            "CARTEIRO_EVENTS_QUEUE_URL" => "http://127.0.0.1:1/0/x-events",
            "CARTEIRO_MEDIA_QUEUE_URL" => "http://127.0.0.1:1/0/x-media",
            "CARTEIRO_MEDIA_BUCKET" => "media",
            "CARTEIRO_SESSION_QUEUE_PREFIX" => "http://127.0.0.1:1/0/x-session",
            "CARTEIRO_PLANS" => r#"{"basico":{"media_types":["text"],"workers":1,"default":true}}"#,
            "CARTEIRO_TIME_ZONE" => "America/Sao_Paulo",
            "CARTEIRO_SHARD_COUNT" => "16",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn talks_to_whatsapp_unless_told_otherwise() {
        let config = Config::read(variable).unwrap();
        assert_eq!(config.whatsapp, Endpoint::Live);
        assert_eq!((config.shards.get(), config.version, config.health), (16, None, None));
    }

    #[test]
    fn another_authority_is_trusted_by_a_simulators_binary_only() {
        let name = "CARTEIRO_WHATSAPP_CA";
        let with = |asked| if asked == name { Some("/tmp/ca.pem".to_owned()) } else { variable(asked) };
        let read = Config::read(with).map(|config| config.whatsapp_ca);
        if cfg!(feature = "simulator") {
            assert_eq!(read.unwrap(), Some(PathBuf::from("/tmp/ca.pem")));
        } else {
            assert!(read.unwrap_err().to_string().contains(name));
        }
    }

    #[test]
    fn calls_fail_in_a_trials_binary_beside_an_aws_of_this_machine_only() {
        let name = "CARTEIRO_AWS_TROUBLE_FILE";
        let read = |endpoint: Option<&str>| {
            let with = |asked| match asked {
                "AWS_ENDPOINT_URL" => endpoint.map(str::to_owned),
                asked if asked == name => Some("/tmp/trouble".to_owned()),
                asked => variable(asked),
            };
            Config::read(with).map(|config| config.trouble)
        };
        for endpoint in [None, Some("https://sqs.us-east-1.amazonaws.com"), Some("http://10.0.0.1:4566")] {
            assert!(read(endpoint).unwrap_err().to_string().contains(name));
        }
        let local = read(Some("http://127.0.0.1:4566"));
        assert_eq!(local.is_ok(), cfg!(feature = "simulator"), "{local:?}");
    }

    #[test]
    fn says_which_variable_is_wrong() {
        for (name, value) in [
            ("CARTEIRO_SHARD_COUNT", "0"),
            ("CARTEIRO_SHARD_COUNT", "many"),
            ("CARTEIRO_WHATSAPP", "simulator:ws://10.0.0.1:1/ws/chat"),
            ("CARTEIRO_PLANS", r#"{"basico":{"pace":{"burst":0}}}"#),
            ("CARTEIRO_TIME_ZONE", "Brasil"),
            ("CARTEIRO_WHATSAPP_VERSION", "2.3000"),
            ("CARTEIRO_WHATSAPP_VERSION", "2.x.3"),
            ("CARTEIRO_HEALTH_ADDR", "localhost"),
        ] {
            let with = |asked| if asked == name { Some(value.to_owned()) } else { variable(asked) };
            let error = Config::read(with).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
        let without = |asked| if asked == "CARTEIRO_SENDS_TABLE" { None } else { variable(asked) };
        assert_eq!(Config::read(without).unwrap_err(), ConfigError::Missing("CARTEIRO_SENDS_TABLE"));
    }
}
