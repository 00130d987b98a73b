//! An export as CSV, in parts.

use super::{GRACE, Run, Stop};
use crate::ports::{PageKey, PartsId};
use crate::report::{CsvText, ExportFailure, Item, Separator};
use crate::usecase::parts::{MAX_PARTS, put_together};
use jiff::SignedDuration;

/// How many sends are read at a time. With the longest texts they take 130 MB.
const PAGE: usize = 500;

impl Run<'_> {
    pub(super) async fn write_csv(&mut self, separator: Separator) -> Result<(), Stop> {
        let mut text = match self.export.progress.parts.is_empty() {
            true => CsvText::with_header(separator),
            false => CsvText::going_on(separator),
        };
        let mut rows = 0;
        let mut after = self.export.progress.after;
        while !self.export.progress.read_all {
            let page = self.on.history.page(&self.export.subject, after.as_ref(), PAGE).await?;
            for send in page.sends {
                text.push(&Item::new(&send, &self.export.zone));
                rows += 1;
                after = Some(PageKey::of(&send));
                if text.len() >= self.on.part {
                    self.put_part(text.take(), rows, after, false).await?;
                    rows = 0;
                    if self.is_over(SignedDuration::ZERO) {
                        return Err(Stop::Time);
                    }
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => self.put_part(text.take(), rows, after, true).await?,
            }
            if self.is_over(GRACE) && !self.export.progress.read_all {
                return Err(Stop::Time);
            }
        }
        self.complete().await
    }

    /// Writes a part and stores that it is written. Nothing else may change how far the export is: a run that fails stores it
    /// too.
    async fn put_part(
        &mut self,
        bytes: Vec<u8>,
        rows: u64,
        after: Option<PageKey>,
        read_all: bool,
    ) -> Result<(), Stop> {
        if !bytes.is_empty() {
            let upload = self.upload().await?;
            let done = self.export.progress.parts.len();
            if done == MAX_PARTS {
                return Err(Stop::Failed(ExportFailure::TooLarge));
            }
            let number = u32::try_from(done + 1).unwrap_or(u32::MAX);
            let tag = self.on.parts.put_part(&self.export.object(), &upload, number, bytes.into()).await?;
            self.export.progress.parts.push(tag);
        }
        self.export.progress.rows += rows;
        self.export.progress.after = after;
        self.export.progress.read_all = read_all;
        self.export.attempts = 0;
        self.save().await
    }

    /// The object that is being written. It is noted before its first part is written, so that a run that goes on finds it.
    async fn upload(&mut self) -> Result<PartsId, Stop> {
        if let Some(upload) = &self.export.progress.upload {
            return Ok(upload.clone());
        }
        let object = self.export.object();
        let upload = self.on.parts.begin(&object, self.export.form.content_type()).await?;
        self.export.progress.upload = Some(upload.clone());
        let noted = self.save().await;
        if let Err(Stop::Lost) = noted {
            self.on.parts.abort(&object, &upload).await?;
        }
        noted.map(|()| upload)
    }

    async fn complete(&mut self) -> Result<(), Stop> {
        let object = self.export.object();
        let Some(upload) = &self.export.progress.upload else { return Err(Stop::Gone) };
        let tags = &self.export.progress.parts;
        Ok(put_together(&*self.on.parts, &*self.on.objects, &object, upload, tags).await?)
    }
}
