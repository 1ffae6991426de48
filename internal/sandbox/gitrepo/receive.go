package gitrepo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// push is a POST to git-receive-pack: a list of commands in pkt-lines, an empty one, and a pack
// (git help protocol-pack, "Pushing Data To a Server"). The commands are judged here, and git does what was allowed: a
// hook would have to talk back to this process, and would run in an environment where the new objects are hidden.
type push struct {
	backend
	o           HTTPOptions
	owner, repo string
	from        *http.Request // as Authorize saw it

	updates      []RefUpdate
	capabilities []string
}

func (p *push) serve(w http.ResponseWriter, r *http.Request) {
	body, err := spool(r.Body)
	if err != nil {
		http.Error(w, "the push could not be read", status(err))
		return
	}
	defer body.Close()
	size, err1 := body.Seek(0, io.SeekEnd)
	_, err2 := body.Seek(0, io.SeekStart)
	if err := errors.Join(err1, err2, p.read(body)); err != nil {
		http.Error(w, "the push could not be understood: "+err.Error(), http.StatusBadRequest)
		return
	}
	if refused := p.judge(r.Context(), body); len(refused) > 0 {
		p.refuse(w, refused)
		return
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		http.Error(w, "the push could not be read again", http.StatusInternalServerError)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(body), size
	answer := &recorder{ResponseWriter: w}
	p.backend.serve(answer, r)
	if done := p.done(answer.seen.Bytes()); len(done) > 0 && p.o.Pushed != nil {
		p.o.Pushed(context.WithoutCancel(r.Context()), p.from, p.owner, p.repo, done)
	}
}

// read takes the commands and stands at the pack then.
func (p *push) read(body io.Reader) error {
	for {
		line, more, err := readPkt(body)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		command, capabilities, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\x00")
		if p.capabilities == nil {
			p.capabilities = strings.Fields(capabilities)
		}
		f := strings.SplitN(command, " ", 3)
		switch {
		case f[0] == "shallow":
		case len(f) == 3 && isSHA(f[0]) && isSHA(f[1]):
			p.updates = append(p.updates, RefUpdate{Ref: f[2], Old: known(f[0]), New: known(f[1])})
		default:
			// A signed push, which is never offered: refuse it rather than let a command through unseen.
			return fmt.Errorf("command %q", command)
		}
	}
	for more := slices.Contains(p.capabilities, "push-options"); more; {
		var err error
		if _, more, err = readPkt(body); err != nil {
			return err
		}
	}
	return nil
}

func known(sha string) string {
	if sha == zero {
		return ""
	}
	return sha
}

// judge asks Allow about every update and gives the reasons against it, by reference.
func (p *push) judge(ctx context.Context, pack io.Reader) map[string]error {
	if p.o.Allow == nil || len(p.updates) == 0 {
		return nil
	}
	p.unpack(ctx, pack)
	refused := map[string]error{}
	for _, u := range p.updates {
		if err := p.o.Allow(p.from, p.owner, p.repo, u); err != nil {
			refused[u.Ref] = err
		}
	}
	return refused
}

// unpack stores the objects ahead of git, so that Allow can look at them. What is wrong with the pack, git will say
// when it gets the same bytes; objects of a refused push stay behind unreferenced, as they do on GitHub.
func (p *push) unpack(ctx context.Context, pack io.Reader) {
	head := make([]byte, 12) // PACK, version, number of objects
	if _, err := io.ReadFull(pack, head); err != nil || string(head[:4]) != "PACK" {
		return
	}
	command := []string{"unpack-objects", "-q"}
	const unpackLimit = 100 // git's own limit: larger packs are kept as they are
	if binary.BigEndian.Uint32(head[8:]) >= unpackLimit {
		command = []string{"index-pack", "--stdin", "--fix-thin"}
	}
	r := Repo{Dir: p.dir}
	_, _ = r.git(ctx, io.MultiReader(bytes.NewReader(head), pack), command...)
}

// refuse answers in git's place: "ng" with a reason for every reference, and the whole text for the person.
func (p *push) refuse(w http.ResponseWriter, refused map[string]error) {
	var report, text bytes.Buffer
	writePkt(&report, []byte("unpack ok\n"))
	for _, u := range p.updates {
		reason := "another reference of this push was refused"
		if err := refused[u.Ref]; err != nil {
			reason, _, _ = strings.Cut(err.Error(), "\n")
			fmt.Fprintf(&text, "error: %s: %s\n", u.Ref, err)
		}
		writePkt(&report, fmt.Appendf(nil, "ng %s %s\n", u.Ref, reason))
	}
	report.WriteString("0000")
	w.Header().Set("Content-Type", "application/x-git-receive-pack-result")
	w.Header().Set("Cache-Control", "no-cache")
	var out bytes.Buffer
	if p.can("side-band-64k") {
		const most = 60000
		for chunk := range slices.Chunk(text.Bytes(), most) {
			writePkt(&out, slices.Concat([]byte{2}, chunk))
		}
		if p.can("report-status") {
			for chunk := range slices.Chunk(report.Bytes(), most) {
				writePkt(&out, slices.Concat([]byte{1}, chunk))
			}
		}
		out.WriteString("0000")
	} else if p.can("report-status") {
		out = report
	}
	_, _ = w.Write(out.Bytes())
}

// can says what the client understands; report-status-v2 is told as report-status is.
func (p *push) can(capability string) bool {
	return slices.Contains(p.capabilities, capability) || slices.Contains(p.capabilities, capability+"-v2")
}

// done are the updates that git reports as made. To look at the references instead would miss one that was changed
// again meanwhile; only a client that wants no report leaves no other way.
func (p *push) done(answer []byte) []RefUpdate {
	r := Repo{Dir: p.dir}
	if !p.can("report-status") {
		return slices.DeleteFunc(slices.Clone(p.updates), func(u RefUpdate) bool {
			now, err := r.readRef(u.Ref)
			return err != nil || now != u.New
		})
	}
	if p.can("side-band-64k") {
		var report []byte
		for in := bytes.NewReader(answer); ; {
			line, more, err := readPkt(in)
			if err != nil || !more {
				break
			}
			if strings.HasPrefix(line, "\x01") {
				report = append(report, line[1:]...)
			}
		}
		answer = report
	}
	made := map[string]bool{}
	for in := bytes.NewReader(answer); ; {
		line, more, err := readPkt(in)
		if err != nil || !more {
			break
		}
		if ref, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "ok "); ok {
			made[ref] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(p.updates), func(u RefUpdate) bool { return !made[u.Ref] })
}

// readPkt reads a pkt-line: four hexadecimal digits of length, which count themselves. The length 0 ends a list.
func readPkt(in io.Reader) (line string, more bool, err error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return "", false, err
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	if err != nil || n > 0 && n < 4 {
		return "", false, fmt.Errorf("pkt-line of length %q", head)
	}
	if n == 0 {
		return "", false, nil
	}
	text := make([]byte, n-4)
	_, err = io.ReadFull(in, text)
	return string(text), true, err
}

func writePkt(out *bytes.Buffer, text []byte) {
	fmt.Fprintf(out, "%04x", len(text)+4)
	out.Write(text)
}

// recorder keeps a copy of an answer.
type recorder struct {
	http.ResponseWriter
	seen bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	const most = 16 << 20 // a report has a line for each reference
	if r.seen.Len() < most {
		r.seen.Write(b)
	}
	return r.ResponseWriter.Write(b)
}
