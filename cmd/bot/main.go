// Command bot is Slipway: a GitHub App that drives releases from issue comments.
//
// main is data in, exit code out: it gathers arguments, environment and streams, and calls run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}

// streams are what a command reads and writes.
type streams struct {
	ctx         context.Context
	environment func(string) (string, bool)
	in          io.Reader
	out, err    io.Writer
}

// commands is the table of the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Receive webhooks and drive releases. Example: bot serve --config config.yaml"`
	Recover recoverCommand `cmd:"" help:"Rebuild a lost database from GitHub. Example: bot recover falcosecurity/libs#7"`
	Jobs    jobsCommand    `cmd:"" help:"List, retry or drop failing jobs. Example: bot jobs retry issue 1008#7"`
	Sandbox sandboxCommand `cmd:"" help:"Start a local GitHub with the bot in it. Example: bot sandbox"`
	Try     tryCommand     `cmd:"" help:"Rehearse a whole release. Example: bot try .github/release.yaml --repo ."`
	Init    initCommand    `cmd:"" help:"Write the files for patch-release issues. Example: bot init ~/src/kubernetes"`
	Lint    lintCommand    `cmd:"" help:"Check a configuration file. Example: bot lint .github/release.yaml"`
	Parse   parseCommand   `cmd:"" help:"Print an issue body or comment as JSON. Example: bot parse issue.md"`
	Next    nextCommand    `cmd:"" help:"Print the next version. Example: bot next falco-libs 0.20.0 minor"`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// A fault is an error whose text is already meant for a person; it is printed as it is.
type fault struct{ text string }

func (f fault) Error() string { return f.text }

// run is the whole program but for the process around it: the exit code is 0 for done, 1 for a no, 2 for a command
// line that cannot be read.
func run(ctx context.Context, args []string, environment func(string) (string, bool), in io.Reader, out,
	errs io.Writer) (code int) {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("bot"),
		kong.Description("Slipway drives software releases from issue comments."),
		kong.Writers(out,
			errs), kong.Exit(func(code int) { exited = code }), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(errs, "bot: %v\n`bot --help` lists the commands, `bot COMMAND --help` explains one.\n", err)
		return 2
	}
	err = chosen.Run(&streams{ctx, environment, in, out, errs})
	var said fault
	switch {
	case err == nil:
		return 0
	case errors.As(err, &said):
		fmt.Fprintln(errs, said.text)
	default:
		fmt.Fprintf(errs, "bot: %v\n", err)
	}
	return 1
}
