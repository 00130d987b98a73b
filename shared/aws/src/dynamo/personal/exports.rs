//! Reports and exports that were written to the bucket: they repeat what is kept elsewhere, so they are erased, whoever is in them,
//! and not exported.

use super::act::{Act, In};
use super::place::Place;
use super::{AwsPersonalData, Found, PAGE, Part};
use crate::dynamo::exports::exports_pk;
use crate::dynamo::item::Item;
use crate::dynamo::privacy::of_user_pk;
use crate::dynamo::table::{Query, Read};
use crate::dynamo::write::Write;
use carteiro_core::ids::UserId;
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{PartsId, Unavailable};
use carteiro_core::privacy::{PrivacyKind, PrivacyScope};

impl AwsPersonalData {
    /// A page of the tenant's exports, by the index `by_number`: of reports, then of personal data.
    pub(super) async fn exports_part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        let partition = match place.index {
            0 => exports_pk(scope.user),
            1 => of_user_pk(scope.user),
            _ => return Ok((Vec::new(), None)),
        };
        let query = Query::new("#number_pk = :pk", Read::Eventual)
            .index("by_number")
            .value(":pk", partition)
            .limit(PAGE);
        let (keys, end) = self.sends.page(query, place.start()).await?;
        let key = |item: &Item| Ok((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()));
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, Unavailable>>()?;
        let mut found = Vec::new();
        for item in self.sends.get_many(keys, Read::Consistent).await? {
            let acts = acts(scope, &item)?;
            found.push(Found { kind: "exports", content: None, acts });
        }
        Ok((found, Some(place.after(end))))
    }
}

fn acts(scope: &PrivacyScope, item: &Item) -> Result<Vec<Act>, Unavailable> {
    let work = item.some("work", |text| serde_json::from_str::<serde_json::Value>(text).ok())?;
    if item.text("sk")? == crate::dynamo::privacy::SK && item.text("kind")? == PrivacyKind::Erase.as_str() {
        // That something was erased is kept, and names nobody once it is over; with a tenant goes whose it was.
        if scope.person.is_some() || work.is_some() {
            return Ok(Vec::new());
        }
        let forget = Write::update(item.text("pk")?, item.text("sk")?, "REMOVE #user_id, #number_pk");
        return Ok(vec![Act::ChangeSend(forget.when("attribute_exists(#pk)"))]);
    }
    let object = object(scope.user, item)?;
    let mut acts = vec![Act::delete(In::Sends, item)?, Act::Drop(object.clone())];
    let upload = item.some("upload", |text| Some(text.to_owned()))?;
    let upload = upload.or_else(|| Some(work?.get("upload")?.as_str()?.to_owned()));
    // Whoever writes it finds it gone, and stops.
    acts.extend(upload.map(|upload| Act::Abort(object, PartsId::from_stored(upload))));
    Ok(acts)
}

/// Where the file of an export is: under its id.
fn object(user: UserId, item: &Item) -> Result<ObjectKey, Unavailable> {
    let id = item.one("pk", |pk| Some(pk.split_once('#')?.1.to_owned()))?;
    Ok(ObjectKey::from_stored(format!("exports/{user}/{id}")))
}
