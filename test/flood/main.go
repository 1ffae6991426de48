// Command flood sends to a `bot serve` of its own what strangers can send, together with deliveries as GitHub sends
// them, and prints what memory the server took and what became of the deliveries.
//
//	go run ./test/flood [-for 60s] [-only NAME] [-bot bin/bot]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/store"
)

const secret = "the secret of the floods"

func main() {
	d := flag.Duration("for", time.Minute, "how long each flood lasts")
	only := flag.String("only", "", "a part of the name of the floods to send")
	bot := flag.String("bot", "bin/bot", "the program to flood")
	flag.Parse()
	if err := run(context.Background(), *bot, *only, *d); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

// bounds are what has to hold in every flood.
const (
	mostMemory = 64 << 20 // above what is resident at rest
	slowest    = 250 * time.Millisecond
)

func run(ctx context.Context, bot, only string, d time.Duration) error {
	ground, err := demo.Ground(ctx, demo.StageOptions{Clock: time.Now, Log: zerolog.Nop(), Seed: demo.FalcoLibs()})
	if err != nil {
		return err
	}
	defer ground.Close()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "flood\trequests\trest MB\tabove rest MB\tgood\tp50 ms\tp99 ms\tmax ms\tlost")
	held := true
	for _, f := range floods() {
		if !strings.Contains(f.name, only) {
			continue
		}
		r, err := one(ctx, bot, ground, f, d)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		held = held && r.above < mostMemory && r.good.at(99) < slowest && r.lost == 0
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%d\n", f.name, r.requests, r.rest>>20, r.above>>20,
			len(r.good.took), ms(r.good.at(50)), ms(r.good.at(99)), ms(r.good.at(100)), r.lost)
		for answer, times := range r.good.other {
			fmt.Fprintf(os.Stderr, "%s: %d good deliveries were answered: %s\n", f.name, times, answer)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !held {
		return fmt.Errorf("a bound was exceeded: %d MB above rest, p99 %s, none lost", mostMemory>>20, slowest)
	}
	return nil
}

// result is what one flood did.
type result struct {
	requests    int
	rest, above int // bytes
	good        good
	lost        int
}

// one floods a server that was just started.
func one(ctx context.Context, bot string, ground *demo.Stage, f flood, d time.Duration) (*result, error) {
	r := &result{}
	dir, err := os.MkdirTemp("", "slipway-flood-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := start(ctx, bot, dir, ground)
	if err != nil {
		return nil, err
	}
	warm := good{prefix: "warm"}
	warm.send(ctx, s.at, time.Second)
	if r.rest, err = s.resident(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	flooding, end := context.WithTimeout(ctx, d)
	defer end()
	counted := make(chan int)
	go func() { counted <- f.run(flooding, s.at) }()
	watched := make(chan int)
	go func() { watched <- s.most(flooding) }()
	r.good.prefix = "good"
	r.good.send(flooding, s.at, d)
	r.requests, r.above = <-counted, <-watched-r.rest
	if err := s.stop(); err != nil {
		return nil, err
	}
	r.lost, err = r.good.lost(ctx, filepath.Join(dir, "slipway.db"))
	return r, err
}

// server is a `bot serve` in a process of its own.
type server struct {
	cmd *exec.Cmd
	at  string
}

func start(ctx context.Context, bot, dir string, ground *demo.Stage) (*server, error) {
	key := filepath.Join(dir, "key.pem")
	if err := os.WriteFile(key, ground.Key, 0o600); err != nil {
		return nil, err
	}
	address, err := free()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, bot, "serve")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "SLIPWAY_LISTEN="+address, "SLIPWAY_GITHUB_APP_ID=4711",
		"SLIPWAY_GITHUB_PRIVATE_KEY_FILE="+key, "SLIPWAY_GITHUB_WEBHOOK_SECRETS="+secret,
		"SLIPWAY_GITHUB_API="+ground.URL+"/api/v3/", "DATABASE_URL=sqlite:"+filepath.Join(dir, "slipway.db"))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, at: "http://" + address}
	if err := s.ready(ctx); err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("start %s: %w: %s", bot, err, text), s.stop())
	}
	return s, nil
}

// resident is the memory of the process, in bytes (proc(5), VmRSS).
func (s *server) resident() (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of the server: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb << 10, nil
		}
	}
	return 0, errors.New("the system does not say what memory the server has")
}

// most is the largest memory that is seen until ctx ends.
func (s *server) most(ctx context.Context) int {
	most := 0
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if now, err := s.resident(); err == nil {
			most = max(most, now)
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return most
		case <-tick.C:
		}
	}
}

func (s *server) stop() error {
	return errors.Join(s.cmd.Process.Signal(os.Interrupt), s.cmd.Wait())
}

// lost is how many deliveries were not taken, or taken and are not in the database.
func (g *good) lost(ctx context.Context, database string) (int, error) {
	db, err := store.Open(ctx, "sqlite:"+database, store.Options{Clock: time.Now})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	lost := g.refused
	for _, guid := range g.guids {
		seen, err := db.Seen(ctx, []string{guid})
		if err != nil {
			return 0, err
		}
		if len(seen) == 0 {
			lost++
		}
	}
	return lost, nil
}
