package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/stretchr/testify/require"
)

// TestBytesArriveAsStored: what a client stores comes back byte for byte, whatever it looks like and
// wherever the connection's buffers end. Two requests share a connection, so that one answer too
// short or too long breaks the next.
func TestBytesArriveAsStored(t *testing.T) {
	s := opened(t, "", "")
	c := sampleStore(t, s)
	url, _ := serve(t, s)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(2*time.Minute)))
	r := bufio.NewReader(conn)
	exchange := func(head, body string) (int, string) {
		_, err := fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
		require.NoError(t, err)
		resp, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(got)
	}
	getHead := strings.Replace(patchHead, "PATCH", "GET", 1)

	var bytes strings.Builder // all that a string can hold
	for r := rune(0); r < 0x180; r++ {
		bytes.WriteRune(r)
	}
	for name, text := range map[string]string{
		"an answer of net/http":  "HTTP/1.1 417 ",
		"another, with a header": "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n",
		"every byte":             bytes.String(),
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{4 << 10, 64 << 10, 500 << 10} {
				filler := strings.Repeat(text, size/len(text)+1)
				// Each shift of the text comes to lie on the end of a buffer.
				shifts := min(len(text), 16)
				if size > 64<<10 {
					shifts = 2
				}
				for shift := range shifts {
					address, err := json.Marshal(strings.Repeat("x", shift) + filler)
					require.NoError(t, err)
					status, body := exchange(patchHead, `{"address":`+string(address)+`}`)
					if len(address) > maxDocument-2000 { // escaped it can be too large
						require.Contains(t, []int{200, 422}, status)
						continue
					}
					require.Equal(t, 200, status)
					status, again := exchange(getHead, "")
					require.Equal(t, 200, status)
					require.Equal(t, body, again)
					require.Equal(t, string(stored(t, s, c).AppendJSON(nil)), again)
					var got struct{ Address string }
					require.NoError(t, json.Unmarshal([]byte(again), &got))
					require.Equal(t, strings.Repeat("x", shift)+filler, got.Address)
				}
			}
		})
	}

	// Errors name members that the client chose: a hundred of them make a large envelope.
	for shift := range 13 {
		var members []string
		for i := range 100 {
			members = append(members, fmt.Sprintf(`"%s%dHTTP/1.1 417 HTTP/1.1 417 HTTP/1.1 417 ":1`, strings.Repeat("x", shift), i))
		}
		status, body := exchange(patchHead, "{"+strings.Join(members, ",")+"}")
		require.Equal(t, 422, status)
		require.Len(t, envelope(t, body), 100)
	}

	// A document of 1 MiB, as an import of long ago may have left it.
	large := c.Clone()
	address := strings.Repeat("HTTP/1.1 417 ", 1<<20/13)
	large.Address = &address
	s.put(t, []*contact.Contact{large})
	status, body := exchange(getHead, "")
	require.Equal(t, 200, status)
	require.Equal(t, string(large.AppendJSON(nil)), body)
}
