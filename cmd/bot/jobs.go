package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/store"
)

// jobsCommand shows what fails, and lets it be tried again or forgotten.
type jobsCommand struct {
	Action string `arg:"" optional:"" help:"retry or drop one job; without it the failing jobs are listed."`
	Kind   string `arg:"" optional:"" help:"The kind of the job, as listed."`
	Key    string `arg:"" optional:"" help:"The key of the job, as listed."`
	JSON   bool   `name:"json" help:"Print one JSON object a job."`
	Config string `help:"The configuration file; without it the environment is all." env:"SLIPWAY_CONFIG" type:"path"`
}

func (c jobsCommand) Run(s *streams) error {
	if c.Action != "" && c.Action != "retry" && c.Action != "drop" {
		return fault{fmt.Sprintf("%q is neither retry nor drop", c.Action)}
	}
	if (c.Action == "") != (c.Key == "") {
		return fault{"Name the job by its kind and its key, for example: bot jobs retry issue 1008#7"}
	}
	cfg, _, err := configuration(s, c.Config)
	if err != nil {
		return err
	}
	db, err := store.Open(s.ctx, cfg.Database, store.Options{Clock: time.Now, Log: logger(s, cfg)})
	if err != nil {
		return err
	}
	return errors.Join(c.do(s.ctx, s.out, db), db.Close())
}

// do does it on an open database.
func (c jobsCommand) do(ctx context.Context, out io.Writer, db *store.Store) error {
	job := store.Job{Kind: c.Kind, Key: c.Key}
	switch c.Action {
	case "retry":
		return c.retry(ctx, out, db, job)
	case "drop":
		err := db.Drop(ctx, job)
		if errors.Is(err, store.ErrNotFound) {
			return fault{"No job of this name failed for good, and only such a job can be dropped. List them with: " +
				"bot jobs"}
		}
		if err == nil {
			fmt.Fprintf(out, "Dropped %s %s.\n", job.Kind, job.Key)
		}
		return err
	}
	return c.list(ctx, out, db)
}

// retry lets a job run at once, whether it failed for good or waits for its next try.
func (c jobsCommand) retry(ctx context.Context, out io.Writer, db *store.Store, job store.Job) error {
	err := db.Retry(ctx, job)
	if errors.Is(err, store.ErrNotFound) {
		troubles, listed := db.Troubles(ctx)
		if listed != nil {
			return listed
		}
		err = fault{"No job of this name is failing. List them with: bot jobs"}
		for _, t := range troubles {
			if t.Job.Kind == job.Kind && t.Job.Key == job.Key {
				err = db.Enqueue(ctx, job, time.Time{})
			}
		}
	}
	if err == nil {
		fmt.Fprintf(out, "%s %s runs again as soon as the server does.\n", job.Kind, job.Key)
	}
	return err
}

// trouble is a failing job as it is printed.
type trouble struct {
	Kind     string     `json:"kind"`
	Key      string     `json:"key"`
	About    string     `json:"about"` // what it works on: OWNER/NAME#7, or the event of a delivery
	Attempts int        `json:"attempts"`
	Since    time.Time  `json:"since"`
	Next     *time.Time `json:"next"` // null where it failed for good
	Error    string     `json:"error"`
}

func (c jobsCommand) list(ctx context.Context, out io.Writer, db *store.Store) error {
	failing, err := db.Troubles(ctx)
	if err != nil {
		return err
	}
	all := make([]trouble, 0, len(failing))
	for _, t := range failing {
		about, err := aboutJob(ctx, db, t.Job)
		if err != nil {
			return err
		}
		one := trouble{
			Kind: t.Job.Kind, Key: t.Job.Key, About: about, Attempts: t.Job.Attempt, Since: t.Job.Since, Error: t.Error,
		}
		if !t.Dead {
			one.Next = &t.Next
		}
		all = append(all, one)
	}
	if c.JSON {
		lines := json.NewEncoder(out)
		for _, t := range all {
			if err := lines.Encode(t); err != nil {
				return err
			}
		}
		return nil
	}
	return table(out, all)
}

// table prints the jobs for people.
func table(out io.Writer, all []trouble) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "No job is failing.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tKEY\tABOUT\tATTEMPTS\tSINCE\tNEXT TRY\tCAUSE")
	for _, t := range all {
		next := "never: failed for good"
		if t.Next != nil {
			next = stamp(*t.Next)
		}
		cause, _, _ := strings.Cut(t.Error, "\n")
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", t.Kind, t.Key, t.About, t.Attempts, stamp(t.Since), next, cause)
	}
	return w.Flush()
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// aboutJob says in words that people know what a job works on. Its key names a repository by its id.
func aboutJob(ctx context.Context, db *store.Store, job store.Job) (string, error) {
	if job.Kind == store.KindDelivery {
		d, err := db.Delivery(ctx, job.Key)
		if errors.Is(err, store.ErrNotFound) {
			return "", nil
		}
		return strings.TrimSpace(strings.Join([]string{d.Event, d.Action, d.Repo}, " ")), err
	}
	kind, id, rest, found := app.Subject(job)
	if !found {
		return job.Key, nil
	}
	if kind != "" {
		kind += " of "
	}
	name := strconv.FormatInt(id, 10)
	repo, known, err := db.Repository(ctx, id)
	if known {
		name = repo.Name
	}
	return kind + name + "#" + rest, err
}
