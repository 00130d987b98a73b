//! As much of YAML as the templates use.

use crate::blocks::root;

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// An entry of a mapping: its name, what stands behind the colon, and the lines below it, a level to the left.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) lines: Vec<String>,
}

impl Entry {
    /// The entries below it.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        entries(&self.lines)
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Option<Entry> {
        self.entries().into_iter().find(|entry| entry.name == name)
    }

    /// Its scalar: what stands on its line, or the folded lines below it.
    pub(crate) fn scalar(&self) -> String {
        if self.value.starts_with('>') || self.value.starts_with('|') {
            return self.lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        }
        self.value.trim_matches('"').to_owned()
    }
}

/// The entries of a mapping whose lines begin at the left margin.
pub(crate) fn entries(lines: &[String]) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for line in lines {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        if line.starts_with(' ') || line.starts_with('-') {
            if let Some(entry) = found.last_mut() {
                entry.lines.push(line.strip_prefix("  ").unwrap_or(line).to_owned());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let value = value.split(" #").next().unwrap_or_default().trim().to_owned();
            found.push(Entry { name: name.trim().to_owned(), value, lines: Vec::new() });
        }
    }
    found
}

/// The top of a file.
pub(crate) fn document(path: &str) -> Vec<Entry> {
    entries(&read(path).lines().map(str::to_owned).collect::<Vec<_>>())
}

/// A section of a file.
pub(crate) fn section(path: &str, name: &str) -> Entry {
    document(path).into_iter().find(|entry| entry.name == name).unwrap()
}
