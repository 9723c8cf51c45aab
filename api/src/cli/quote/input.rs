//! The bytes of a file or of standard input, unpacked if they are packed.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use crate::cli::failure::Failure;

/// The bytes of a file; `-` is standard input. What begins like gzip is gzip, whatever its name.
pub(super) struct Input {
    /// What to call it in messages.
    pub(super) file: String,
    pub(super) bytes: Box<dyn BufRead>,
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
        let peeked = bytes.by_ref().take(2).read_to_end(&mut head);
        peeked.map_err(|error| Failure::unreadable(&file, &error))?;
        let packed = head == [0x1f, 0x8b];
        let whole = Cursor::new(head).chain(bytes);
        let bytes: Box<dyn BufRead> = if packed {
            Box::new(BufReader::new(Unpacked(MultiGzDecoder::new(whole))))
        } else {
            Box::new(whole)
        };
        Ok(Self { file, bytes })
    }
}

/// What was packed; whatever is wrong with it is said in our words.
struct Unpacked<R>(MultiGzDecoder<R>);

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::other(
                "expected the rest of the gzip data, found the end of the file: it was cut off",
            ),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                io::Error::other(format!("expected gzip data, found something else: {error}"))
            }
            _ => error,
        })
    }
}
