//! Hosts of a trial: servers of this machine that files are fetched from by a name. Only in builds for trials, and only beside an
//! AWS that is on this machine too.

use crate::{InvalidOrigins, Origins};
use carteiro_core::settings::Settings;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::{Host, Url};

/// Why the hosts of a trial are refused.
#[derive(Debug, thiserror::Error)]
pub enum OriginsError {
    /// AWS is not on this machine.
    #[error("CARTEIRO_FETCH_ORIGINS is for trials: AWS_ENDPOINT_URL must be an address of this machine")]
    NotATrial,
    /// A setting is absent or invalid.
    #[error(transparent)]
    Setting(#[from] carteiro_core::settings::InvalidSetting),
    /// The authorities cannot be read.
    #[error("CARTEIRO_FETCH_CA cannot be read: {0}")]
    Authorities(#[from] std::io::Error),
    /// They are no origins.
    #[error("CARTEIRO_FETCH_ORIGINS or CARTEIRO_FETCH_CA is not valid: {0}")]
    Invalid(#[from] InvalidOrigins),
}

/// The hosts of `CARTEIRO_FETCH_ORIGINS`, whose certificates are made by the authorities in the file `CARTEIRO_FETCH_CA`. `None`
/// when none are named.
pub(crate) fn origins<F: Fn(&str) -> Option<String>>(
    settings: &Settings<F>,
) -> Result<Option<Origins>, OriginsError> {
    const NAME: &str = "CARTEIRO_FETCH_ORIGINS";
    if settings.optional(NAME).is_none() {
        return Ok(None);
    }
    if !settings.optional("AWS_ENDPOINT_URL").is_some_and(|url| is_of_this_machine(&url)) {
        return Err(OriginsError::NotATrial);
    }
    let hosts: BTreeMap<String, SocketAddr> = settings.read(NAME, |json| serde_json::from_str(json))?;
    if hosts.is_empty() {
        return Ok(None);
    }
    let authorities = std::fs::read(settings.parse::<PathBuf>("CARTEIRO_FETCH_CA")?)?;
    Ok(Some(Origins::new(hosts, &authorities)?))
}

fn is_of_this_machine(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(endpoint: Option<&str>, origins: Option<&str>, ca: Option<&str>) -> Result<bool, OriginsError> {
        let settings = Settings::new(|name| match name {
            "AWS_ENDPOINT_URL" => endpoint.map(str::to_owned),
            "CARTEIRO_FETCH_ORIGINS" => origins.map(str::to_owned),
            "CARTEIRO_FETCH_CA" => ca.map(str::to_owned),
            _ => None,
        });
        super::origins(&settings).map(|origins| origins.is_some())
    }

    const LOCAL: Option<&str> = Some("http://127.0.0.1:4566");
    const ORIGINS: Option<&str> = Some(r#"{"exemplo.com":"127.0.0.1:1234"}"#);

    #[test]
    fn origins_are_refused_beside_a_real_aws() {
        for endpoint in [
            None,
            Some("https://dynamodb.sa-east-1.amazonaws.com"),
            Some("http://10.0.0.1:4566"),
            Some("http://localhost.exemplo.com"),
            Some("http://127.0.0.1@exemplo.com/"),
            Some("x"),
        ] {
            assert!(matches!(read(endpoint, ORIGINS, None), Err(OriginsError::NotATrial)), "{endpoint:?}");
        }
        assert!(matches!(read(None, None, None), Ok(false)));
        assert!(matches!(read(LOCAL, Some("{}"), None), Ok(false)));
    }

    #[test]
    fn origins_and_their_authorities_must_be_readable() {
        let error = |origins, ca| read(LOCAL, origins, ca).unwrap_err().to_string();
        assert!(error(ORIGINS, None).contains("CARTEIRO_FETCH_CA"));
        assert!(error(Some("exemplo.com"), None).contains("CARTEIRO_FETCH_ORIGINS"));
        assert!(matches!(
            read(LOCAL, ORIGINS, Some("/nenhum/arquivo.pem")),
            Err(OriginsError::Authorities(_))
        ));
        let no_certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(matches!(read(LOCAL, ORIGINS, Some(no_certificate)), Err(OriginsError::Invalid(_))));
    }
}
