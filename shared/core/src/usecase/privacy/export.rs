//! An export: a file of lines, each a JSON object with its `kind`.

use super::run::{Run, Stop};
use crate::privacy::{PrivacyFailure, PrivacyScope};
use crate::usecase::parts::{MAX_PARTS, put_together};
use serde_json::json;

impl Run<'_> {
    pub(super) async fn export(&mut self, scope: &PrivacyScope) -> Result<(), Stop> {
        // The file says what it is, so that it is never without a line.
        let mut text = match self.work.parts.is_empty() {
            true => format!(
                "{}\n",
                json!({"kind": "about", "of": self.operation.masked, "created_at": self.operation.created_at.to_string()})
            ),
            false => String::new(),
        };
        // What was read since the last part is read again by the next run, so it is counted with its part.
        let mut counted = self.operation.counts.clone();
        let mut cursor = self.work.cursor.clone();
        while !self.work.read_all {
            let page = self.on.personal.read(scope, cursor.as_deref()).await?;
            for record in page.records {
                text.push_str(&json!({"kind": record.kind, "content": record.content}).to_string());
                text.push('\n');
                *counted.entry(record.kind.to_owned()).or_default() += 1;
            }
            cursor = page.next;
            let read_all = cursor.is_none();
            if read_all || text.len() >= self.part {
                self.put_part(std::mem::take(&mut text)).await?;
                self.operation.counts.clone_from(&counted);
                self.work.cursor.clone_from(&cursor);
                self.work.read_all = read_all;
                self.operation.attempts = 0;
                self.save().await?;
                if self.is_over() && !read_all {
                    return Err(Stop::Time);
                }
            }
        }
        self.complete().await
    }

    async fn put_part(&mut self, text: String) -> Result<(), Stop> {
        let Some(object) = self.operation.object() else { return Err(Stop::Failed(PrivacyFailure::GaveUp)) };
        if self.work.upload.is_none() {
            // It is noted before its first part is written, so that a run that goes on finds it.
            let upload = self.on.parts.begin(&object, "application/x-ndjson").await?;
            self.work.upload = Some(upload.as_str().to_owned());
            let noted = self.save().await;
            // Where the note may have been stored all the same, the next run goes on with this upload.
            if let Err(Stop::Lost) = noted {
                self.on.parts.abort(&object, &upload).await?;
            }
            noted?;
        }
        let upload = self.work.upload().ok_or(Stop::Gone)?;
        let number = self.work.parts.len() + 1;
        if number > MAX_PARTS {
            return Err(Stop::Failed(PrivacyFailure::TooLarge));
        }
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let tag = self.on.parts.put_part(&object, &upload, number, text.into()).await?;
        self.work.parts.push(tag.as_str().to_owned());
        Ok(())
    }

    async fn complete(&mut self) -> Result<(), Stop> {
        let Some(object) = self.operation.object() else { return Err(Stop::Gone) };
        let upload = self.work.upload().ok_or(Stop::Gone)?;
        Ok(put_together(&*self.on.parts, &*self.on.objects, &object, &upload, &self.work.parts()).await?)
    }
}
