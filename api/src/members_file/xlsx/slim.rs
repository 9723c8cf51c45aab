//! A workbook unpacked within bounds, and reduced to what its cells say.
//!
//! A few kilobytes of zip can unpack to gigabytes, and some parts of a workbook grow once more when
//! they are read: a style is copied for each format that uses it, and the table of strings says
//! itself how much room to make for it. So the parts are unpacked here, counted as they are, and
//! handed on without styles, pictures and that figure.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::members_file::fault::{self, RowFault};

/// How much is unpacked at most: some four times what 20,000 long lines need.
const MAX_UNPACKED_BYTES: u64 = 40 << 20;
/// How many parts a workbook may have.
const MAX_PARTS: usize = 1_000;

/// The workbook without compression, and without what says nothing about its cells.
pub(super) fn slim(bytes: &[u8]) -> Result<Vec<u8>, RowFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| fault::unreadable(&e))?;
    if archive.len() > MAX_PARTS {
        return Err(fault::unpacks_too_large());
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut room = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|e| fault::unreadable(&e))?;
        let name = part.name().map_err(|e| fault::unreadable(&e))?.into_owned();
        if !is_needed(&name) {
            continue;
        }
        let mut data = Vec::new();
        let read = part.take(room.saturating_add(1)).read_to_end(&mut data);
        let read = read.map_err(|e| fault::unreadable(&e))?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        room = room.checked_sub(read).ok_or_else(fault::unpacks_too_large)?;
        if is_strings(&name) {
            forget_count(&mut data)?;
        }
        writer.start_file(name, stored).map_err(|e| fault::unreadable(&e))?;
        writer.write_all(&data).map_err(|e| fault::unreadable(&e))?;
    }
    let written = writer.finish().map_err(|e| fault::unreadable(&e))?;
    Ok(written.into_inner())
}

/// Names of parts are compared as their readers do: without case, and with either slash.
fn folded(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

fn is_needed(name: &str) -> bool {
    let name = folded(name);
    let is_markup = [".xml", ".rels"].iter().any(|end| name.ends_with(end));
    is_markup && !name.ends_with("styles.xml") && !name.contains("theme/")
}

fn is_strings(name: &str) -> bool {
    folded(name).ends_with("sharedstrings.xml")
}

/// Spoils the name of the attribute that says how many strings there are. In an encoding that could
/// hide it, there are bytes that no text has.
fn forget_count(data: &mut [u8]) -> Result<(), RowFault> {
    const NAME: &[u8] = b"uniqueCount";
    if data.iter().any(|byte| *byte < b' ' && !b"\t\r\n".contains(byte)) {
        return Err(fault::unreadable(&"its strings are not in UTF-8"));
    }
    let mut rest = data;
    while let Some(at) = rest.windows(NAME.len()).position(|window| window == NAME) {
        let (_, tail) = rest.split_at_mut(at);
        if let Some(first) = tail.first_mut() {
            *first = b'_';
        }
        rest = tail;
    }
    Ok(())
}
