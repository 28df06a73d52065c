//! A bank's statement: entries of many payers, none of them a provider's.

use super::row::{amount, major};
use std::io::{self, Write};

pub fn write(mut to: impl Write, entries: u64) -> io::Result<()> {
    let closing = major((0..entries).map(amount).sum());
    write!(
        to,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n<BkToCstmrStmt>\n<GrpHdr><MsgId>GNRT</MsgId><CreDtTm>2026-10-31T04:00:00+01:00</CreDtTm></GrpHdr>\n<Stmt>\n<Id>GNRT-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-10-31T04:00:00+01:00</CreDtTm>\n<Acct><Id><IBAN>SE4550000000058398257466</IBAN></Id><Ccy>SEK</Ccy></Acct>\n"
    )?;
    for (code, sum, day) in [("OPBD", "0.00", 1), ("CLBD", closing.as_str(), 30)] {
        writeln!(
            to,
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"SEK\">{sum}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-{day:02}</Dt></Dt></Bal>"
        )?;
    }
    for entry in 0..entries {
        let (amount, day) = (major(amount(entry)), entry * 29 / entries + 1);
        writeln!(
            to,
            "<Ntry><NtryRef>{entry}</NtryRef><Amt Ccy=\"SEK\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-10-{day:02}</Dt></BookgDt><ValDt><Dt>2026-10-{day:02}</Dt></ValDt><AcctSvcrRef>GN202610{day:02}-{entry:08}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>\n<NtryDtls><TxDtls><Refs><EndToEndId>ORDER-{entry:010}</EndToEndId></Refs><Amt Ccy=\"SEK\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>KUND {entry} AB</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>ORDER {entry}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )?;
    }
    to.write_all(b"</Stmt>\n</BkToCstmrStmt>\n</Document>\n")?;
    to.flush()
}
