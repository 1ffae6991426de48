package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/store/storetest"
)

// doomedURL, in the environment, makes the test binary a process that is going to be killed.
const doomedURL = "SLIPWAY_STORE_TEST_DOOMED_URL"

// doomed stores a delivery, starts to work on it, says so, and never ends.
func doomed(url string) {
	ctx := context.Background()
	clock := &fakeClock{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	o := options(clock)
	o.Workers = 2 // no more than it gets, so that it takes nothing else
	s, err := store.Open(ctx, url, o)
	if err == nil {
		_, err = s.Deliver(ctx, delivery("guid-1"))
	}
	if err == nil {
		err = s.Enqueue(ctx, release("a"), time.Time{})
	}
	if err == nil {
		err = s.Run(ctx, func(ctx context.Context, j store.Job) error {
			fmt.Println(j.Kind, j.Key)
			select {}
		})
	}
	fmt.Println("doomed:", err)
	os.Exit(1)
}

// runAndKill runs doomed until it works on its two jobs, does what is asked for, and kills it.
func runAndKill(t *testing.T, url string, meanwhile func()) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), doomedURL+"="+url)
	out := value(child.StdoutPipe())(t)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for range 2 {
		if !lines.Scan() || strings.HasPrefix(lines.Text(), "doomed") {
			t.Fatalf("the child did not start: %s", lines.Text())
		}
	}
	meanwhile()
	must(t, child.Process.Kill())
	if state := value(child.Process.Wait())(t); state.Success() {
		t.Fatal("the child ended by itself")
	}
}

func TestJobsOfAKilledProcessRunAgainAtOnce(t *testing.T) {
	for _, p := range places() {
		if p.name == "sqlite in memory" {
			continue // nothing of it outlives a process
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			url := p.address(t)
			runAndKill(t, url, func() {})
			w := open(t, url)
			if diff := cmp.Diff([]string{"guid-1"}, value(w.Unhandled(t.Context()))(t)); diff != "" {
				t.Errorf("unhandled: %s", diff)
			}
			ran := make(chan string, 9)
			w.work(func(ctx context.Context, j store.Job) error {
				ran <- fmt.Sprint(j.Kind, " ", j.Key, " ", j.Attempt) // being killed is no failure
				return nil
			})
			got := map[string]bool{<-ran: true, <-ran: true}
			if diff := cmp.Diff(map[string]bool{"delivery guid-1 1": true, "release a 1": true}, got); diff != "" {
				t.Error(diff)
			}
			w.settle()
			if len(ran) > 0 {
				t.Errorf("ran twice: %s", <-ran)
			}
		})
	}
}

func TestProcessesOnOnePostgreSQL(t *testing.T) {
	t.Run("take over from a process that is killed", func(t *testing.T) {
		t.Parallel()
		url := server.Database(t)
		ran := make(chan string, 9)
		var w *world
		runAndKill(t, url, func() {
			w = open(t, url)
			w.work(func(ctx context.Context, j store.Job) error { ran <- j.Key; return nil })
			must(t, w.Enqueue(t.Context(), release("b"), time.Time{}))
			if got := <-ran; got != "b" {
				t.Errorf("took %s from a process that lives", got)
			}
		})
		got := map[string]bool{<-ran: true, <-ran: true}
		if diff := cmp.Diff(map[string]bool{"guid-1": true, "a": true}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("start the jobs of each other at once, one run for many wakes", func(t *testing.T) {
		t.Parallel()
		url := server.Database(t)
		one, two := open(t, url), open(t, url)
		ran := make(chan string, 9)
		one.work(func(ctx context.Context, j store.Job) error { ran <- j.Key; return nil })
		must(t, two.Enqueue(t.Context(), release("a"), time.Time{}))
		if got := <-ran; got != "a" {
			t.Errorf("ran %s", got)
		}
		two.settle()
		if len(ran) > 0 {
			t.Errorf("ran twice: %s", <-ran)
		}
	})
	t.Run("open a new database at the same time", func(t *testing.T) {
		t.Parallel()
		url := server.Database(t)
		opened := make(chan error)
		for range 4 {
			go func() {
				s, err := store.Open(t.Context(), url, store.Options{})
				if err == nil {
					err = s.Close()
				}
				opened <- err
			}()
		}
		for range 4 {
			if err := <-opened; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestOneProcessHasTheFile(t *testing.T) {
	url := storetest.SQLite(t)
	first := open(t, url)
	_, err := store.Open(t.Context(), url, store.Options{})
	want := fmt.Sprintf("open the store: %s: another process has this database open (process %d); stop it first, or "+
		"use PostgreSQL, which several can share",
		strings.TrimPrefix(url, "sqlite:"), os.Getpid())
	if err == nil || err.Error() != want {
		t.Errorf("got error %v\nwant %s", err, want)
	}
	must(t, first.Append(t.Context(), "a", 0, entries(`1`), store.Index{}))
	must(t, first.Close())
	second := open(t, url)
	if got := value(second.Entries(t.Context(), "a"))(t); len(got) != 1 {
		t.Errorf("after opening again: %v", got)
	}
}

func TestAnotherNameOfTheFileIsTheSameFile(t *testing.T) {
	url := storetest.SQLite(t)
	path, elsewhere := strings.TrimPrefix(url, "sqlite:"), t.TempDir()
	open(t, url)
	must(t, os.Symlink(path, filepath.Join(elsewhere, "link.db")))
	must(t, os.Symlink(filepath.Dir(path), filepath.Join(elsewhere, "dir")))
	must(t, os.Link(path, filepath.Join(elsewhere, "hard.db")))
	must(t, os.Symlink("new.db", filepath.Join(elsewhere, "early.db"))) // to a file that is made later
	open(t, "sqlite:"+filepath.Join(elsewhere, "early.db"))
	for name, want := range map[string]string{
		"link.db":                    "another process has this database open",
		"dir/" + filepath.Base(path): "another process has this database open",
		"new.db":                     "another process has this database open",
		"hard.db": "the file has 2 names (hard links), and each would have a journal of its own; " +
			"remove the other names, or copy the file",
	} {
		_, err := store.Open(t.Context(), "sqlite:"+filepath.Join(elsewhere, name), store.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v\nwant %s", name, err, want)
		}
	}
}

func TestOpenExplainsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, url, want string }{
		{"no address", "", `open the store: a database is sqlite:PATH or postgres://USER@HOST/NAME, not ":..."`},
		{"another database", "mysql://root:secret@db/slipway",
			`open the store: a database is sqlite:PATH or postgres://USER@HOST/NAME, not "mysql:..."`},
		{"no folder", "sqlite:/nowhere/slipway.db",
			"open the store: lstat /nowhere: no such file or directory"},
	} {
		_, err := store.Open(t.Context(), c.url, store.Options{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got error %v\nwant %s", c.name, err, c.want)
		}
	}
	_, err := store.Open(t.Context(), "postgres://slipway:secret@127.0.0.1:1/none", store.Options{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("want an error that keeps the password to itself, got %v", err)
	}
}
