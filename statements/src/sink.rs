//! Where lines go.

use crate::problem::Problem;
use avstem_domain::statement::ProviderLine;
use avstem_domain::statement::bank::BankLine;
use std::ops::ControlFlow;

/// Takes what a file says, in its order. `Break` stops the reading; the sink knows why.
pub trait Sink {
    fn provider_line(&mut self, line: ProviderLine) -> ControlFlow<()>;
    fn bank_line(&mut self, line: BankLine) -> ControlFlow<()>;
    fn problem(&mut self, problem: Problem) -> ControlFlow<()>;
}

/// Keeps everything: for small files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collected {
    pub provider_lines: Vec<ProviderLine>,
    pub bank_lines: Vec<BankLine>,
    pub problems: Vec<Problem>,
}

impl Sink for Collected {
    fn provider_line(&mut self, line: ProviderLine) -> ControlFlow<()> {
        self.provider_lines.push(line);
        ControlFlow::Continue(())
    }

    fn bank_line(&mut self, line: BankLine) -> ControlFlow<()> {
        self.bank_lines.push(line);
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.problems.push(problem);
        ControlFlow::Continue(())
    }
}
