package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// batch reads packed objects through one long-lived "git cat-file --batch-command", started at the first question.
// It notices packs that are added later.
type batch struct {
	dir string

	mu  sync.Mutex
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (b *batch) contents(ctx context.Context, sha string) (object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kind, size, err := b.ask(ctx, "contents", sha)
	if err != nil {
		return object{}, err
	}
	data := make([]byte, size+1) // a line feed follows
	if _, err := io.ReadFull(b.out, data); err != nil {
		b.stop()
		return object{}, fmt.Errorf("git cat-file: %w", err)
	}
	return object{kind, data[:size]}, nil
}

func (b *batch) info(ctx context.Context, sha string) (kind string, size int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ask(ctx, "info", sha)
}

// ask sends one question and reads the line that answers it: "SHA KIND SIZE" or "SHA missing".
func (b *batch) ask(ctx context.Context, what, sha string) (kind string, size int64, err error) {
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	if err := b.start(); err != nil {
		return "", 0, fmt.Errorf("git cat-file: %w", err)
	}
	_, err = io.WriteString(b.in, what+" "+sha+"\n")
	var line string
	if err == nil {
		line, err = b.out.ReadString('\n')
	}
	if err != nil {
		b.stop()
		return "", 0, fmt.Errorf("git cat-file: %w", err)
	}
	f := strings.Fields(line)
	if len(f) == 2 && f[1] == "missing" {
		return "", 0, ErrNotFound
	}
	if len(f) == 3 {
		size, err = strconv.ParseInt(f[2], 10, 64)
	}
	if len(f) != 3 || err != nil {
		b.stop()
		return "", 0, fmt.Errorf("git cat-file: answer %q", line)
	}
	return f[1], size, nil
}

func (b *batch) start() error {
	if b.cmd != nil {
		return nil
	}
	cmd := exec.Command("git", "cat-file", "--batch-command")
	cmd.Dir, cmd.Env = b.dir, environment()
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	b.cmd, b.in, b.out = cmd, in, bufio.NewReader(out)
	return nil
}

// stop ends the process, which may be in the middle of an answer that nobody will read.
func (b *batch) stop() {
	if b.cmd == nil {
		return
	}
	_ = b.in.Close()
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
	b.cmd, b.in, b.out = nil, nil, nil
}

func (b *batch) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop()
}
