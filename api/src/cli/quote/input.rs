//! The bytes of a file or of standard input, unpacked if they are packed.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read as _},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use crate::cli::failure::{Failure, Place};

/// The bytes of a file; `-` is standard input. What begins like gzip is gzip, whatever its name.
pub(super) struct Input {
    /// What to call it in messages.
    pub(super) file: String,
    bytes: Box<dyn BufRead>,
}

impl Input {
    /// Opens it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let (file, mut bytes): (String, Box<dyn BufRead>) = if path == Path::new("-") {
            ("standard input".to_owned(), Box::new(io::stdin().lock()))
        } else {
            let file = path.display().to_string();
            let opened = File::open(path).map_err(|error| Failure::unreadable(&file, &error))?;
            (file, Box::new(BufReader::new(opened)))
        };
        let mut head = Vec::new();
        bytes
            .by_ref()
            .take(2)
            .read_to_end(&mut head)
            .map_err(|error| Failure::unreadable(&file, &error))?;
        let packed = head == [0x1f, 0x8b];
        let whole = Cursor::new(head).chain(bytes);
        let bytes: Box<dyn BufRead> = if packed {
            Box::new(BufReader::new(MultiGzDecoder::new(whole)))
        } else {
            Box::new(whole)
        };
        Ok(Self { file, bytes })
    }

    /// The next line with its end, as long as it is text of a reasonable length; none at the end.
    pub(super) fn line(&mut self, line: u64) -> Result<Option<String>, Failure> {
        const LONGEST: u64 = 1 << 20;
        let file = self.file.as_str();
        let place = Place { file, line, column: 0, name: "" };
        let mut bytes = Vec::new();
        let read = self.bytes.by_ref().take(LONGEST).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                place.fault("the rest of the gzip data", "the end of the file: it was cut off")
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                place.fault("gzip data", format_args!("something else: {error}"))
            }
            _ => Failure::unreadable(file, &error),
        })?;
        if u64::try_from(read).is_ok_and(|read| read == LONGEST) {
            return Err(place.fault("rows", "a line of more than a mebibyte"));
        }
        match String::from_utf8(bytes) {
            Ok(text) if text.is_empty() => Ok(None),
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(Failure::not_utf8(file, line, &error)),
        }
    }
}
