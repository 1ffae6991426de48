package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/store/storetest"
)

// A step that was released never changes: databases have it behind them.
func TestReleasedStepsStayAsTheyAre(t *testing.T) {
	for file, want := range map[string]string{
		"schema/sqlite/001_first.sql":   "b5067ed660373ea9663b699cdc137571491922d95551546e834d7b9c9b15bb14",
		"schema/postgres/001_first.sql": "ac68be9271b69bc69a2dbee924d228529613fe600b6943b9f13dc27e5d65a1e2",
	} {
		sum := sha256.Sum256(value(os.ReadFile(file))(t))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s has changed: its SHA-256 is now %s", file, got)
		}
	}
}

// older makes a database of the first schema, on SQLite with the tables of River beside it.
type older struct {
	name string
	make func(t *testing.T, statements string) (url string)
}

func olders() []older {
	return []older{
		{"sqlite", func(t *testing.T, statements string) string {
			url := storetest.SQLite(t)
			byHandSQLite(t, url, string(value(os.ReadFile("schema/sqlite/001_first.sql"))(t))+
				"PRAGMA user_version = 1;"+`
				CREATE TABLE river_migration (line text, version integer);
				CREATE TABLE river_job (id integer PRIMARY KEY, args blob);
				CREATE TABLE river_leader (name text PRIMARY KEY);
				CREATE TABLE river_queue (name text PRIMARY KEY);
				CREATE TABLE river_client (id text PRIMARY KEY);
				CREATE TABLE river_client_queue (river_client_id text REFERENCES river_client (id), name text);
				INSERT INTO river_client VALUES ('a'); INSERT INTO river_client_queue VALUES ('a', 'default');`+
				strings.ReplaceAll(statements, "bytes(", "CAST("))
			return url
		}},
		{"postgres", func(t *testing.T, statements string) string {
			url := server.Database(t)
			byHandPostgres(t, url, string(value(os.ReadFile("schema/postgres/001_first.sql"))(t))+
				`CREATE TABLE store_schema (version bigint NOT NULL); INSERT INTO store_schema VALUES (1);`+
				strings.ReplaceAll(strings.ReplaceAll(statements, "bytes(", "convert_to("), " AS BLOB)", ", 'UTF8')"))
			return url
		}},
	}
}

func byHandSQLite(t *testing.T, url, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	must(t, err)
	_, err = db.ExecContext(t.Context(), statements)
	must(t, err)
	must(t, db.Close())
}

func byHandPostgres(t *testing.T, url, statements string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	must(t, err)
	_, err = db.Exec(t.Context(), statements, pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	must(t, db.Close(t.Context()))
}

// The repository falcosecurity/libs was 5 and is 7; nobody knows the id of gone/away.
const olderRows = `
	INSERT INTO delivery (guid, event, action, installation, repo, payload, received_at, handled_at) VALUES
		('first', 'push', '', 42, 'falcosecurity/libs', bytes('{"repository":{"id":5}}' AS BLOB), 1000, 1001),
		('second', 'push', '', 42, 'FalcoSecurity/libs', bytes('{"repository":{"id":7}}' AS BLOB), 2000, 2001),
		('waiting', 'issues', 'opened', 42, 'falcosecurity/libs', bytes('{"repository":{"id":7}}' AS BLOB), 1500, 0),
		('broken', 'ping', '', 0, '', bytes('{"repository"' AS BLOB), 3000, 0),
		('odd', 'ping', '', 0, 'odd/odd', bytes('{"repository":{"id":"x"}}' AS BLOB), 3000, 3001),
		('list', 'ping', '', 0, '', bytes('[]' AS BLOB), 0, 0);
	INSERT INTO log (id, repo, issue, installation, open, wake_at) VALUES
		('falcosecurity/libs#12', 'falcosecurity/libs', 12, 42, 1, 9000),
		('falcosecurity/libs#1', 'falcosecurity/libs', 1, 42, 0, 0),
		('gone/away#3', 'gone/away', 3, 43, 1, 0),
		('issue:falcosecurity/libs#12', 'falcosecurity/libs', 12, 42, 1, 0),
		('issue:gone/away#4', 'gone/away', 4, 43, 0, 0);
	INSERT INTO log_watch (log, repo) VALUES ('falcosecurity/libs#12', 'falcosecurity/libs');
	INSERT INTO entry (log, seq, at, kind, data) VALUES
		('falcosecurity/libs#12', 1, 1100, 'opened', '{ "a": 1 }'), ('falcosecurity/libs#12', 2, 1200, 'noted', '2'),
		('falcosecurity/libs#1', 1, 900, 'opened', '1'), ('gone/away#3', 1, 1300, 'opened', '3'),
		('issue:falcosecurity/libs#12', 1, 1400, 'seen', '"old"'),
		('issue:falcosecurity/libs#12', 2, 1500, 'seen', '{ "new": 1 }'),
		('issue:gone/away#4', 1, 1600, 'seen', '"away"');
	INSERT INTO wake (kind, key, at) VALUES ('release', 'falcosecurity/libs#12', 1);
	INSERT INTO trouble (kind, key, attempt, error, at, next_at)
		VALUES ('release', 'falcosecurity/libs#12', 1, 'broken', 1, 2);`

func TestADatabaseOfTheFirstSchemaIsBroughtHereWithItsData(t *testing.T) {
	for _, o := range olders() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			url := o.make(t, olderRows)
			must(t, open(t, url).Close())
			w := open(t, url) // what is here already stays as it is
			checkLogs(t, w)
			checkDeliveries(t, w)
			checkSnapshots(t, w)
			checkAdoption(t, w)
		})
	}
}

func checkLogs(t *testing.T, w *world) {
	want := []store.Listed{
		{Log: "falcosecurity/libs#1", Index: store.Index{Repo: 7, Issue: 1}},
		{Log: "falcosecurity/libs#12", Index: store.Index{Repo: 7, Issue: 12, Open: true}},
		{Log: "gone/away#3", Index: store.Index{Issue: 3, Open: true}},
	}
	if diff := cmp.Diff(want, value(w.Logs(t.Context(), store.Filter{}))(t)); diff != "" {
		t.Error(diff)
	}
	entries := []store.Entry{
		{Seq: 1, At: time.Unix(0, 1100).UTC(), Kind: "opened", Data: []byte(`{ "a": 1 }`)},
		{Seq: 2, At: time.Unix(0, 1200).UTC(), Kind: "noted", Data: []byte(`2`)},
	}
	if diff := cmp.Diff(entries, value(w.Entries(t.Context(), "falcosecurity/libs#12"))(t)); diff != "" {
		t.Error(diff)
	}
	if born := value(w.Born(t.Context()))(t); born.UnixNano() != 900 {
		t.Errorf("born at %s", born)
	}
	more := []store.Entry{{Kind: "noted", Data: []byte("1")}}
	must(t, w.Append(t.Context(), "falcosecurity/libs#1", 1, more, store.Index{Repo: 7, Issue: 1}))
}

func checkDeliveries(t *testing.T, w *world) {
	if diff := cmp.Diff([]string{"list", "waiting", "broken"}, value(w.Unhandled(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	for _, want := range []store.Delivery{
		{GUID: "first", Event: "push", Installation: 42, RepoID: 5, Repo: "falcosecurity/libs",
			ReceivedAt: time.Unix(0, 1000).UTC()},
		{GUID: "waiting", Event: "issues", Action: "opened", Installation: 42, RepoID: 7, Repo: "falcosecurity/libs",
			ReceivedAt: time.Unix(0, 1500).UTC(), Payload: []byte(`{"repository":{"id":7}}`)},
		{GUID: "broken", Event: "ping", ReceivedAt: time.Unix(0, 3000).UTC(), Payload: []byte(`{"repository"`)},
		{GUID: "odd", Event: "ping", Repo: "odd/odd", ReceivedAt: time.Unix(0, 3000).UTC()},
	} {
		if diff := cmp.Diff(want, value(w.Delivery(t.Context(), want.GUID))(t)); diff != "" {
			t.Error(diff)
		}
	}
}

func checkSnapshots(t *testing.T, w *world) {
	want := []store.Snapshot{
		{Key: "issue:falcosecurity/libs#12", Version: 1, Repo: 7, Issue: 12, Open: true,
			At: time.Unix(0, 1500).UTC(), Data: []byte(`{ "new": 1 }`)},
		{Key: "issue:gone/away#4", Version: 1, Issue: 4, At: time.Unix(0, 1600).UTC(), Data: []byte(`"away"`)},
	}
	if diff := cmp.Diff(want, value(w.Snapshots(t.Context(), store.SnapshotFilter{}))(t)); diff != "" {
		t.Error(diff)
	}
	if left := value(w.Troubles(t.Context()))(t); len(left) != 0 {
		t.Errorf("in trouble: %v", left)
	}
}

// The jobs that are there run first; the log of unknown id begins when somebody knows it.
func checkAdoption(t *testing.T, w *world) {
	var d diary
	if n := value(w.Pending(t.Context()))(t); n != 4 {
		t.Errorf("%d jobs", n)
	}
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	w.settle()
	before := map[string]bool{}
	for _, line := range d.read() {
		before[line] = true
	}
	want := map[string]bool{
		"delivery waiting 1": true, "delivery broken 1": true, "delivery list 1": true, "issue 7#12 1": true,
	}
	if diff := cmp.Diff(want, before); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		must(t, w.Adopt(t.Context(), "Gone/Away", 77))
		w.settle()
	}
	if diff := cmp.Diff([]string{"issue 77#3 1"}, d.read()[len(before):]); diff != "" {
		t.Error(diff)
	}
	if log, _, err := w.LogOf(t.Context(), 77, 3); log != "gone/away#3" || err != nil {
		t.Errorf("adopted %q (%v)", log, err)
	}
	if got := value(w.Snapshots(t.Context(), store.SnapshotFilter{Repo: 77}))(t); len(got) != 1 || got[0].Issue != 4 {
		t.Errorf("adopted %v", got)
	}
}

func TestADatabaseOfANewerSlipwayIsRefused(t *testing.T) {
	newer := []func(url string){
		func(url string) { byHandSQLite(t, url, "PRAGMA user_version = 99") },
		func(url string) { byHandPostgres(t, url, "UPDATE store_schema SET version = 99") },
	}
	for i, o := range olders() {
		url := o.make(t, "")
		must(t, open(t, url).Close())
		newer[i](url)
		_, err := store.Open(t.Context(), url, store.Options{})
		want := fmt.Sprintf("the database has schema %d of a newer Slipway, this one knows schema %d", 99, 3)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v", o.name, err)
		}
	}
}
