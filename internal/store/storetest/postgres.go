// Package storetest gives tests the databases that Slipway runs on: an SQLite file, and databases on a
// throw-away PostgreSQL server that is started from the Debian package when the first test wants one.
package storetest

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ServerEnv names an existing PostgreSQL server to test on, as a postgres:// URL of a role that may
// create databases.
const ServerEnv = "SLIPWAY_TEST_DATABASE_URL"

const notInstalled = "PostgreSQL is not installed here: run `make setup`, which installs Debian's package " +
	"postgresql, or name a server in " + ServerEnv

// SQLite is the address of a new file.
func SQLite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "slipway.db") }

// Server is a PostgreSQL server for the tests of one package; its zero value is ready. Call Stop at the
// end of TestMain.
type Server struct {
	once      sync.Once
	err       error
	address   string // of the database "postgres"
	leash     io.Closer
	command   *exec.Cmd
	databases atomic.Int64
}

// Database is the address of a new, empty database, which is dropped when the test ends. Where there is
// no PostgreSQL the test fails: a promise nobody checks is no promise.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.once.Do(func() { s.err = s.start(t.Context()) })
	if s.err != nil {
		t.Fatalf("no PostgreSQL to test on: %v", s.err)
	}
	name := "slipway_test_" + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatInt(s.databases.Add(1), 10)
	s.administer(t, t.Context(), "CREATE DATABASE "+name)
	t.Cleanup(func() {
		s.administer(t, context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)")
	})
	address, err := url.Parse(s.address)
	if err != nil {
		t.Fatalf("read %s: %v", ServerEnv, err)
	}
	address.Path = "/" + name
	return address.String()
}

// Stop ends the server and removes its files.
func (s *Server) Stop() error {
	if s.command == nil {
		return nil
	}
	return errors.Join(s.leash.Close(), s.command.Wait())
}

func (s *Server) administer(t testing.TB, ctx context.Context, statement string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, s.address)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (s *Server) start(ctx context.Context) error {
	if s.address = os.Getenv(ServerEnv); s.address != "" {
		return nil
	}
	programs, err := programs()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "slipway-postgres-")
	if err != nil {
		return err
	}
	as, err := otherUser(dir)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // the server outlives the test that wanted it first
	data := filepath.Join(dir, "data")
	initdb := as(exec.CommandContext(ctx, filepath.Join(programs, "initdb"),
		"-D", data, "-U", "slipway", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// The shell holds the server on a leash: when this process lets go of standard input, by Stop or by
	// dying, it ends the server and tidies up.
	command := as(exec.CommandContext(ctx, "sh", "-c", `dir=$1; shift; trap "" INT
		"$@" & server=$!
		read forever
		kill -QUIT $server; wait $server; rm -rf "$dir"`, "sh", dir,
		filepath.Join(programs, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=32MB"))
	if s.leash, err = command.StdinPipe(); err != nil {
		return err
	}
	output, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.command = command
	if err := awaitReady(output); err != nil {
		return err
	}
	s.address = "postgres://slipway@/postgres?host=" + url.QueryEscape(dir)
	return nil
}

// awaitReady reads what the server says until it says that it is ready, and goes on reading, as a server
// that nobody reads would stall.
func awaitReady(output io.Reader) error {
	var said strings.Builder
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return nil
		}
		fmt.Fprintln(&said, lines.Text())
	}
	return fmt.Errorf("PostgreSQL did not start:\n%s", said.String())
}

// programs is the folder of the newest PostgreSQL here. Debian keeps it out of PATH.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		if path, err := exec.LookPath("initdb"); err == nil {
			return filepath.Dir(path), nil
		}
		return "", errors.New(notInstalled)
	}
	major := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4]) // an odd name counts as the oldest
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(major(a), major(b)) })), nil
}
