//! More deliveries than fit into memory, in the order in which a provider sends them: each group of subscribers is made
//! by itself and goes to a file, and all files are read side by side.

use avstem_simulator::WebhookDelivery;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

/// What is stored of a delivery.
pub struct Sent {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Files of deliveries, each oldest first, without names.
#[derive(Default)]
pub struct Spilled {
    files: Vec<BufReader<File>>,
    /// The next of each file: the event's id, which begins with its time, and the file.
    next: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Spilled {
    /// Adds deliveries, oldest first.
    pub fn add(&mut self, folder: &Path, deliveries: &[WebhookDelivery]) {
        let mut file = BufWriter::new(tempfile::tempfile_in(folder).unwrap());
        for delivery in deliveries {
            write(&mut file, delivery.event.as_bytes());
            write(&mut file, &delivery.body);
            write(&mut file, &serde_json::to_vec(&delivery.headers).unwrap());
        }
        let mut file = file.into_inner().unwrap();
        file.rewind().unwrap();
        self.files.push(BufReader::new(file));
        self.look(self.files.len() - 1);
    }

    fn look(&mut self, file: usize) {
        if let Some(event) = read(&mut self.files[file]) {
            self.next.push(Reverse((event, file)));
        }
    }
}

impl Iterator for Spilled {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        let Reverse((_, file)) = self.next.pop()?;
        let body = read(&mut self.files[file]).unwrap();
        let headers = serde_json::from_slice(&read(&mut self.files[file]).unwrap()).unwrap();
        self.look(file);
        Some(Sent { headers, body })
    }
}

/// Bytes, after their number.
fn write(file: &mut impl Write, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap();
    file.write_all(&length.to_le_bytes()).unwrap();
    file.write_all(bytes).unwrap();
}

/// None at the end of the file.
fn read(file: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    file.read_exact(&mut length).ok()?;
    let mut bytes = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap()];
    file.read_exact(&mut bytes).unwrap();
    Some(bytes)
}
