//! What the functions have in their environment.

use std::collections::BTreeMap;
use std::path::Path;

/// The variables of every function, as template.yaml gives them. `scratch` is the folder for temporary files: that of an instance that
/// starts is empty.
pub(crate) fn of_every_function(
    aws: &str,
    authorities: &Path,
    scratch: &Path,
    jwt: String,
) -> BTreeMap<String, String> {
    let queue = |name: &str| format!("{aws}/000000000000/{name}");
    let plans = r#"{"basico":{"media_types":["text"],"workers":1,"sends_per_day":1000,"default":true},"premium":{"media_types":["text","image","audio","document","video"],"workers":10}}"#;
    let own = [
        ("DEPLOYMENT", "carteiro".to_owned()),
        ("ACCOUNTS_TABLE", "accounts".to_owned()),
        ("SENDS_TABLE", "sends".to_owned()),
        ("SESSIONS_TABLE", "sessions".to_owned()),
        ("CHATS_TABLE", "chats".to_owned()),
        ("WEBHOOKS_TABLE", "webhooks".to_owned()),
        ("MEDIA_BUCKET", "media".to_owned()),
        ("MEDIA_QUEUE_URL", queue("media")),
        ("EVENTS_QUEUE_URL", queue("events")),
        ("SENDS_QUEUE_URL", queue("sends.fifo")),
        ("WAKES_QUEUE_URL", queue("wakes")),
        ("EXPORTS_QUEUE_URL", queue("exports")),
        ("BULK_QUEUE_URL", queue("bulk")),
        ("SESSION_QUEUE_PREFIX", queue("session-")),
        ("SHARD_COUNT", "16".to_owned()),
        ("OPERATOR_TOKEN_SECRET", "operator".to_owned()),
        ("JWT_SECRET", jwt),
        ("MAIL_FROM", "nao-responda@carteiro.example".to_owned()),
        ("MAIL_CONFIGURATION", "carteiro".to_owned()),
        ("SMS_COUNTRIES", "55".to_owned()),
        ("SMS_PER_HOUR", "100".to_owned()),
        ("PLANS", plans.to_owned()),
        ("RATES", carteiro_local::rates(6_000, 2_000)),
        ("TIME_ZONE", "America/Sao_Paulo".to_owned()),
        ("OPEN_TENANT", String::new()),
        ("FRONT_KEY_SHA256", String::new()),
    ];
    let aws = [
        ("RUST_LOG", "info".to_owned()),
        ("AWS_ENDPOINT_URL", aws.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("SSL_CERT_FILE", authorities.display().to_string()),
        ("TMPDIR", scratch.display().to_string()),
    ];
    let own = own.into_iter().map(|(name, value)| (format!("CARTEIRO_{name}"), value));
    own.chain(aws.into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}
