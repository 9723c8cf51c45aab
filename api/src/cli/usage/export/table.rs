//! Events as a Parquet file (<https://parquet.apache.org/docs/file-format/>): columns, for programs
//! that add up or sort.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::metering::export::ExportedEvent;

/// The columns. Quantities are exact, times instants.
const SCHEMA: &str = "message usage_events {
    required binary id (STRING);
    required binary member (STRING);
    required binary service (STRING);
    required binary meter (STRING);
    required int64 time (TIMESTAMP(MICROS,true));
    required int64 quantity (DECIMAL(18,6));
    optional binary properties (JSON);
    optional binary amends_id (STRING);
    optional int64 amends_time (TIMESTAMP(MICROS,true));
    required int64 received_at (TIMESTAMP(MICROS,true));
    required boolean late;
    optional int64 voided_at (TIMESTAMP(MICROS,true));
    optional binary voided_by (STRING);
    optional binary void_reason (STRING);
    optional binary amended_by (STRING);
}";

/// How many rows stand together: so many are held in memory.
const ROWS: usize = 50_000;

/// A file under way.
pub(super) struct Table<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    rows: usize,
    texts: [Column<ByteArrayType>; 9],
    numbers: [Column<Int64Type>; 5],
    late: Column<BoolType>,
}

/// Values of a column, and of each row whether it has one.
struct Column<T: DataType> {
    values: Vec<T::T>,
    present: Vec<i16>,
}

impl<T: DataType> Default for Column<T> {
    fn default() -> Self {
        Self { values: Vec::new(), present: Vec::new() }
    }
}

impl<T: DataType> Column<T> {
    fn add(&mut self, value: Option<T::T>) {
        self.present.push(i16::from(value.is_some()));
        self.values.extend(value);
    }

    /// Writes it as the next column of some rows, and empties it.
    fn write<W: Write + Send>(&mut self, rows: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        let column = rows.next_column()?;
        let mut column = column.ok_or_else(|| ParquetError::General("no such column".into()))?;
        // Those that every row has take no notice of what is present.
        column.typed::<T>().write_batch(&self.values, Some(&self.present), None)?;
        self.values.clear();
        self.present.clear();
        column.close()
    }
}

impl<W: Write + Send> Table<W> {
    /// Begins a file.
    pub(super) fn begin(to: W) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(io::Error::other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(GzipLevel::default()))
            .set_created_by(concat!("palier ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties));
        Ok(Self {
            writer: writer.map_err(unwritten)?,
            rows: 0,
            texts: Default::default(),
            numbers: Default::default(),
            late: Column::default(),
        })
    }

    /// Adds a row.
    pub(super) fn add(&mut self, event: ExportedEvent) -> io::Result<()> {
        let ExportedEvent { id, member, service, meter, time, quantity, properties, .. } = event;
        let (amends_time, amends_id) = event.amends.map(|it| (it.time.micros(), it.id)).unzip();
        let record = event.record;
        let void = record.voided;
        let (voided_at, void) =
            void.map(|it| (it.at.micros(), (it.actor, it.reason, it.amended_by))).unzip();
        let (actor, reason, amended_by) =
            void.map_or((None, None, None), |(actor, reason, by)| (Some(actor), Some(reason), by));
        let properties = properties.map(|json| json.get().to_owned());
        let texts = [
            Some(id),
            Some(member),
            Some(service),
            Some(meter),
            properties,
            amends_id,
            actor,
            reason,
            amended_by,
        ];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.add(text.map(|text| ByteArray::from(text.into_bytes())));
        }
        let (time, received_at) = (time.micros(), record.received_at.micros());
        let numbers =
            [Some(time), Some(quantity.units()), amends_time, Some(received_at), voided_at];
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.add(number);
        }
        self.late.add(Some(record.late));
        self.rows = self.rows.saturating_add(1);
        if self.rows < ROWS { Ok(()) } else { self.flush().map_err(unwritten) }
    }

    /// Writes what is left, and what a file ends with.
    pub(super) fn end(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.flush().map_err(unwritten)?;
        }
        let mut to = self.writer.into_inner().map_err(unwritten)?;
        to.flush()?;
        Ok(to)
    }

    /// Writes the rows that are held, column by column, in the order of [`SCHEMA`].
    fn flush(&mut self) -> Result<()> {
        self.rows = 0;
        let mut rows = self.writer.next_row_group()?;
        let [id, member, service, meter, properties, amends, voided_by, reason, amended_by] =
            &mut self.texts;
        let [time, quantity, amends_time, received_at, voided_at] = &mut self.numbers;
        for text in [id, member, service, meter] {
            text.write(&mut rows)?;
        }
        time.write(&mut rows)?;
        quantity.write(&mut rows)?;
        properties.write(&mut rows)?;
        amends.write(&mut rows)?;
        amends_time.write(&mut rows)?;
        received_at.write(&mut rows)?;
        self.late.write(&mut rows)?;
        voided_at.write(&mut rows)?;
        for text in [voided_by, reason, amended_by] {
            text.write(&mut rows)?;
        }
        rows.close().map(drop)
    }
}

/// What the disk or the reader says, where it is they who say it.
fn unwritten(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        error => io::Error::other(error),
    }
}
