package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is the service as a process of its own.
type process struct {
	cmd *exec.Cmd
	url string
	out *bufio.Reader
}

// line reads the next line that the process prints, which begins with start, and returns the rest.
func (p *process) line(t *testing.T, start string) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), start)
	require.True(t, ok, line)
	return rest
}

// startProcess starts the service and returns when it listens. It is killed
// when the test ends, if it still runs then.
func startProcess(t *testing.T, databaseURL string, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	p := &process{cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), asService+"="+strings.Join(args, "\n"), "DATABASE_URL="+databaseURL)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var log logBuffer
	p.cmd.Stderr = &log
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.kill() })
	p.out = bufio.NewReader(out)
	if _, err := p.out.Peek(1); err != nil {
		p.kill()
		require.NoError(t, err, log.String())
	}
	p.url = p.line(t, "listening on ")
	return p
}

// kill ends the process with SIGKILL, wherever it is.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// writer counts up in one field of the sample contact and, in the same patch,
// in a member of meta_public. Each number has one idempotency key for ever.
type writer struct {
	id    int
	sent  int // the number that was sent last
	acked int // the number that was acknowledged last
}

func (w *writer) patch() string {
	return fmt.Sprintf(`{%q:"%d","meta_public":{"w%d":%d}}`, ownFields[w.id], w.sent, w.id, w.sent)
}

// send sends the writer's number and returns what came back.
func (w *writer) send(client *http.Client, url string) (*http.Response, string, error) {
	req, err := http.NewRequest("PATCH", url+samplePath, strings.NewReader(w.patch()))
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Authorization", "Bearer "+writeToken)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("%08x-0000-4000-8000-%012x", w.id, w.sent))
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// counted reads what the writers have written from the database itself, in
// one statement: the numbers, and how many requests are remembered. What an
// update writes must all be there or nothing of it.
func counted(t *testing.T, s *sqlStore, writers int) (numbers []int, remembered int) {
	t.Helper()
	var body string
	var version int64
	require.NoError(t, s.db.QueryRow(`SELECT body, updated_at, (SELECT count(*) FROM answers) FROM contacts WHERE id = $1`, sampleID).
		Scan(&body, &version, &remembered))
	var c struct {
		UpdatedAt time.Time                  `json:"updated_at"`
		Meta      map[string]json.RawMessage `json:"meta_public"`
	}
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &c))
	require.NoError(t, json.Unmarshal([]byte(body), &all))
	require.Equal(t, c.UpdatedAt.UnixMicro(), version)
	for w := range writers {
		n := 0
		if raw := c.Meta[fmt.Sprintf("w%d", w)]; raw != nil {
			require.NoError(t, json.Unmarshal(raw, &n))
			require.Equal(t, fmt.Sprint(n), all[ownFields[w]], "half an update")
		}
		numbers = append(numbers, n)
	}
	return numbers, remembered
}

// settled is counted once it stays the same: a database may still be about to commit what a process
// sent it before it was killed.
func settled(t *testing.T, s *sqlStore, writers int) (numbers []int, remembered int) {
	t.Helper()
	for range 300 {
		before := numbers
		time.Sleep(100 * time.Millisecond)
		if numbers, remembered = counted(t, s, writers); slices.Equal(before, numbers) {
			return numbers, remembered
		}
	}
	t.Fatal("the database does not come to rest")
	return numbers, remembered
}

// TestKill kills the service 20 times while it is at work. Each time it starts
// again, every acknowledged update is there, and of the others all or nothing.
func TestKill(t *testing.T) {
	test := func(t *testing.T, databaseURL, file string, open func() *sqlStore) {
		sampleStore(t, open())
		args := []string{"--addr", "127.0.0.1:0"}
		if file != "" {
			args = append(args, "--db", file)
		}
		writers := make([]*writer, len(ownFields))
		for i := range writers {
			writers[i] = &writer{id: i}
		}
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: len(writers)}, Timeout: 30 * time.Second}
		var unheard, lostAnswers int
		for range 20 {
			p := startProcess(t, databaseURL, args...)
			var wg sync.WaitGroup
			var wrong atomic.Value
			var round atomic.Int64
			for _, w := range writers {
				wg.Go(func() {
					for {
						if w.sent == w.acked { // else the last answer was lost: ask again
							w.sent++
						}
						resp, body, err := w.send(client, p.url)
						if err != nil {
							return // killed
						}
						if resp.StatusCode != 200 {
							wrong.Store(fmt.Sprintf("status %d: %s", resp.StatusCode, body))
							return
						}
						w.acked = w.sent
						round.Add(1)
					}
				})
			}
			require.Eventually(t, func() bool { return round.Load() >= 10 || wrong.Load() != nil }, 30*time.Second, time.Millisecond)
			time.Sleep(time.Duration(rand.IntN(200_000)) * time.Microsecond)
			p.kill()
			wg.Wait()
			client.CloseIdleConnections()
			require.Nil(t, wrong.Load())

			// Up again, before anything else touches the database.
			p = startProcess(t, databaseURL, args...)
			resp, _ := request(t, "GET", p.url+samplePath, writeToken, "")
			require.Equal(t, 200, resp.StatusCode)
			s := open()
			numbers, remembered := settled(t, s, len(writers))
			sum := 0
			for i, w := range writers {
				require.GreaterOrEqual(t, numbers[i], w.acked, "an acknowledged update is gone")
				require.LessOrEqual(t, numbers[i], w.sent)
				if w.sent > w.acked {
					unheard++
					if numbers[i] == w.sent {
						lostAnswers++
					}
				}
				sum += numbers[i]
			}
			require.Equal(t, sum, remembered, "an update and its idempotency record are one")

			// A client that did not hear its answer asks again, and is told.
			for i, w := range writers {
				if w.sent == w.acked {
					continue
				}
				resp, body, err := w.send(client, p.url)
				require.NoError(t, err)
				require.Equal(t, 200, resp.StatusCode, body)
				require.Equal(t, numbers[i] == w.sent, resp.Header.Get("X-Idempotent-Replay") == "true")
				w.acked = w.sent
			}
			require.NoError(t, s.Close())
			p.kill()
			client.CloseIdleConnections()
		}
		acked := 0
		for _, w := range writers {
			acked += w.acked
		}
		require.Positive(t, unheard, "no kill came while an update was under way")
		t.Logf("%d updates, %d under way at a kill, %d of them stored", acked, unheard, lostAnswers)
	}
	t.Run("sqlite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "contacts.db")
		test(t, "", file, func() *sqlStore { return opened(t, file, "") })
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgres(t).database(t)
		test(t, url, "", func() *sqlStore { return opened(t, "", url) })
	})
}

// TestPostgresRestart restarts PostgreSQL under load, in order and as in a
// crash. Clients see 503 with Retry-After, ask again with the same key, and in
// the end every update has been made once.
func TestPostgresRestart(t *testing.T) {
	c := postgres(t)
	s := opened(t, "", c.database(t))
	sample := sampleStore(t, s)
	url, _ := serve(t, s, func(s *Service, _ *http.Server) {
		s.Now = func() time.Time { return sample.InsertedAt } // versions count the changes, as in TestLoad
	})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: len(ownFields)}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()

	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	writers := make([]*writer, len(ownFields))
	errs := make(chan error, len(writers))
	var refused, acked atomic.Int64
	for i := range writers {
		w := &writer{id: i}
		writers[i] = w
		go func() {
			for ctx.Err() == nil || w.sent > w.acked {
				if w.sent == w.acked {
					w.sent++
				}
				resp, body, err := w.send(client, url)
				switch {
				case err != nil:
					errs <- err
					return
				case resp.StatusCode == 200:
					w.acked = w.sent
					acked.Add(1)
				case resp.StatusCode == 503 && resp.Header.Get("Retry-After") == retryAfter && strings.Contains(body, `"service_unavailable"`):
					refused.Add(1)
					time.Sleep(20 * time.Millisecond) // the test has not the second that Retry-After asks for
				default:
					errs <- fmt.Errorf("status %d: %s", resp.StatusCode, body)
					return
				}
			}
			errs <- nil
		}()
	}
	progress := func() {
		t.Helper()
		from := acked.Load()
		require.Eventually(t, func() bool { return acked.Load() > from+100 }, 30*time.Second, 5*time.Millisecond)
	}
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGINT, syscall.SIGQUIT} {
		progress()
		before := refused.Load()
		require.NoError(t, c.stop(sig))
		require.Eventually(t, func() bool { return refused.Load() > before }, 10*time.Second, 5*time.Millisecond)
		resp, body := request(t, "GET", url+"/readyz", "", "")
		require.Equal(t, 503, resp.StatusCode, body)
		require.Equal(t, retryAfter, resp.Header.Get("Retry-After"))
		require.NoError(t, c.start())
	}
	progress()
	stop()
	for range writers {
		require.NoError(t, <-errs)
	}

	numbers, remembered := counted(t, s, len(writers))
	sum := 0
	for i, w := range writers {
		require.Equal(t, w.acked, numbers[i])
		sum += w.acked
	}
	require.Equal(t, sum, remembered)
	require.Equal(t, sample.UpdatedAt.Add(time.Duration(sum)*time.Microsecond), stored(t, s, sample).UpdatedAt, "each was made once")
	t.Logf("%d updates, %d refused with 503 over 4 restarts", sum, refused.Load())
}
