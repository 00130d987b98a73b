//! The tenant's files in the bucket. A person's are found by what names them: sends and messages.

use super::act::Act;
use super::place::Place;
use super::{AwsPersonalData, Found, PAGE, Part};
use carteiro_core::plan::Retention;
use carteiro_core::ports::Unavailable;
use carteiro_core::privacy::PrivacyScope;
use serde_json::json;
use std::collections::BTreeMap;

impl AwsPersonalData {
    /// A page of the objects under one prefix.
    pub(super) async fn files_part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        let user = scope.user;
        let mut prefixes =
            vec![format!("uploads/{user}/"), format!("exports/{user}/"), format!("bulk/{user}/")];
        prefixes.extend(Retention::DAYS.map(|days| format!("received/{days}/{user}/")));
        let prefix = prefixes.get(place.index).filter(|_| scope.person.is_none());
        let Some(prefix) = prefix else { return Ok((Vec::new(), None)) };
        let after = place.key.as_ref().and_then(|key| key.get("object"));
        let objects = self.prefixes.list(prefix, after.map(String::as_str), PAGE).await?;
        let next = match objects.last().filter(|_| objects.len() >= PAGE) {
            Some((last, _)) => {
                let key = BTreeMap::from([("object".to_owned(), last.as_str().to_owned())]);
                Place { key: Some(key), ..place }
            }
            None => place.next(),
        };
        // What is written from the tables is there with them.
        let is_shown = !prefix.starts_with("exports/") && !prefix.starts_with("bulk/");
        let found = objects.into_iter().map(|(object, bytes)| Found {
            kind: "files",
            content: is_shown.then(|| json!({"object": object.as_str(), "bytes": bytes})),
            acts: vec![Act::Drop(object)],
        });
        Ok((found.collect(), Some(next)))
    }
}
