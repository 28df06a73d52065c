//! The program `avstem`; everything is in the library.

fn main() -> std::process::ExitCode {
    avstem::cli::main()
}
