//! Reading what was logged: for tests, behind the feature `test-support`.

use crate::NAMESPACE;
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Collects what is logged; a clone writes to the same place, so `move || lines.clone()` is a writer for [`crate::logger`].
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// All that was logged until now.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The lines by which CloudWatch learns of that metric: those that define it and hold it, in the namespace of the product.
    pub fn metric(&self, name: &str) -> Vec<Value> {
        let defines = |line: &Value| {
            let made = &line["_aws"]["CloudWatchMetrics"][0];
            let names = made["Metrics"].as_array().into_iter().flatten();
            made["Namespace"] == NAMESPACE && names.into_iter().any(|metric| metric["Name"] == name)
        };
        let lines = self.text();
        let parsed = lines.lines().filter_map(|line| serde_json::from_str(line).ok());
        parsed.filter(|line| defines(line) && line[name].is_number()).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
