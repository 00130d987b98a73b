//! The fields of a form by which a browser uploads one object: a policy, which says what may be uploaded until when, and its
//! signature. Made as the S3 API reference tells under "Browser-Based Uploads Using POST" (AWS Signature Version 4).

use super::{NAME, encoded};
use aws_credential_types::Credentials;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carteiro_core::mac::mac;
use carteiro_core::media::FileName;
use carteiro_core::object::ObjectKey;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

/// What may be uploaded.
pub(super) struct PostForm<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a ObjectKey,
    pub(super) content_type: &'a str,
    pub(super) name: Option<&'a FileName>,
    pub(super) max_bytes: u64,
    pub(super) life: Duration,
}

/// Who permits it.
pub(super) struct Signer<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) region: &'a str,
}

impl PostForm<'_> {
    /// The form's fields as of `now`: what must come with the file, then the policy and its signature.
    pub(super) fn fields(&self, signer: &Signer<'_>, now: Timestamp) -> Vec<(String, SecretString)> {
        let day = now.strftime("%Y%m%d").to_string();
        let mut fields = vec![
            ("key".to_owned(), self.key.as_str().to_owned()),
            ("Content-Type".to_owned(), self.content_type.to_owned()),
        ];
        if let Some(name) = self.name {
            fields.push((format!("x-amz-meta-{NAME}"), encoded(name)));
        }
        let scope = format!("{}/{day}/{}/s3/aws4_request", signer.credentials.access_key_id(), signer.region);
        fields.push(("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()));
        fields.push(("x-amz-credential".to_owned(), scope));
        fields.push(("x-amz-date".to_owned(), now.strftime("%Y%m%dT%H%M%SZ").to_string()));
        if let Some(token) = signer.credentials.session_token() {
            fields.push(("x-amz-security-token".to_owned(), token.to_owned()));
        }

        let policy = STANDARD.encode(self.policy(&fields, now).to_string());
        let signature = signature(signer.credentials.secret_access_key(), &day, signer.region, &policy);
        fields.push(("policy".to_owned(), policy));
        fields.push(("x-amz-signature".to_owned(), signature));
        fields.into_iter().map(|(name, value)| (name, value.into())).collect()
    }

    /// Each field must come as it is here, and the file be no larger than it may.
    fn policy(&self, fields: &[(String, String)], now: Timestamp) -> Value {
        let life = SignedDuration::try_from(self.life).unwrap_or(SignedDuration::ZERO);
        let expires = now.saturating_add(life).unwrap_or(now);
        let mut conditions: Vec<Value> = vec![json!({ "bucket": self.bucket })];
        conditions.extend(fields.iter().map(|(name, value)| json!(["eq", format!("${name}"), value])));
        conditions.push(json!(["content-length-range", 1, self.max_bytes]));
        json!({
            "expiration": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
            "conditions": conditions,
        })
    }
}

/// The signature of a policy in Base64, in hexadecimal.
fn signature(secret: &str, day: &str, region: &str, policy: &str) -> String {
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [day, region, "s3", "aws4_request"] {
        key = mac(&key, &[part.as_bytes()]).to_vec();
    }
    hex::encode(mac(&key, &[policy.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::ids::{UploadId, UserId};
    use secrecy::ExposeSecret;

    /// The example of the S3 API reference ("Browser-Based Upload using HTTP POST"), with its line ends.
    #[test]
    fn signs_as_the_reference_does() {
        let lines = [
            r#"{ "expiration": "2015-12-30T12:00:00.000Z","#,
            r#"  "conditions": ["#,
            r#"    {"bucket": "sigv4examplebucket"},"#,
            r#"    ["starts-with", "$key", "user/user1/"],"#,
            r#"    {"acl": "public-read"},"#,
            r#"    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},"#,
            r#"    ["starts-with", "$Content-Type", "image/"],"#,
            r#"    {"x-amz-meta-uuid": "14365123651274"},"#,
            r#"    {"x-amz-server-side-encryption": "AES256"},"#,
            r#"    ["starts-with", "$x-amz-meta-tag", ""],"#,
            "",
            r#"    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},"#,
            r#"    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},"#,
            r#"    {"x-amz-date": "20151229T000000Z" }"#,
            "  ]",
            "}",
        ];
        let policy = STANDARD.encode(lines.join("\r\n"));
        assert_eq!(
            signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20151229", "us-east-1", &policy),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    #[test]
    fn the_policy_covers_every_field_and_the_size() {
        let key = ObjectKey::upload(UserId::from_random([1; 16]), UploadId::from_random([2; 16]));
        let name = FileName::sanitised("nota.pdf").unwrap();
        let form = PostForm {
            bucket: "balde",
            key: &key,
            content_type: "application/pdf",
            name: Some(&name),
            max_bytes: 100,
            life: Duration::from_secs(900),
        };
        let credentials = Credentials::new("AK", "segredo", Some("bilhete".into()), None, "test");
        let signer = Signer { credentials: &credentials, region: "sa-east-1" };
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let fields = form.fields(&signer, now);
        let value = |name: &str| {
            fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.expose_secret().to_owned()).unwrap()
        };
        let policy: Value = serde_json::from_slice(&STANDARD.decode(value("policy")).unwrap()).unwrap();
        assert_eq!(policy["expiration"], "2023-11-14T22:28:20.000Z");
        let conditions = policy["conditions"].as_array().unwrap();
        assert!(conditions.contains(&json!({ "bucket": "balde" })));
        assert!(conditions.contains(&json!(["content-length-range", 1, 100])));
        for (name, value) in &fields {
            let covered = conditions.contains(&json!(["eq", format!("${name}"), value.expose_secret()]));
            assert_eq!(covered, !["policy", "x-amz-signature"].contains(&name.as_str()), "{name}");
        }
        assert_eq!(value("x-amz-credential"), "AK/20231114/sa-east-1/s3/aws4_request");
        assert_eq!(value("x-amz-security-token"), "bilhete");
        assert!(!format!("{fields:?}").contains("bilhete") && !format!("{fields:?}").contains("segredo"));
    }
}
