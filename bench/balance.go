// The yardstick of row 2: what one would write in Go without much thought about speed. Two selects a request (the key
// by the digest of its token, then the balance), through database/sql with as many connections as Purser has workers.
//
// Usage: BENCH_DSN=... balance SOCKET
package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql"
)

const connections = 8

const keySelect = `SELECT organization_id, organization_closed, permissions, expires_at, revoked_at
	FROM api_key WHERE digest = ?`

const bookSelect = `SELECT currency, available, reserved, debt FROM book WHERE organization_id = ?`

type balance struct {
	Balance   int64     `json:"balance"`
	Reserved  int64     `json:"reserved"`
	Available int64     `json:"available"`
	Debt      int64     `json:"debt"`
	Currency  string    `json:"currency"`
	Value     string    `json:"value"`
	AsOf      time.Time `json:"as_of"`
}

type service struct {
	key, book *sql.Stmt
}

func mayRead(permissions string) bool {
	for _, scope := range strings.Fields(permissions) {
		if scope == "billing:read" || scope == "billing:*" || scope == "*:read" {
			return true
		}
	}
	return false
}

// Answers the organization of a good token, or the status to refuse it with.
func (s *service) authenticate(r *http.Request, now time.Time) ([]byte, int) {
	var organization []byte
	var closed bool
	var permissions string
	var expires, revoked sql.NullTime

	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	digest := sha256.Sum256([]byte(token))
	err := s.key.QueryRow(digest[:]).Scan(&organization, &closed, &permissions, &expires, &revoked)
	switch {
	case err == sql.ErrNoRows:
		return nil, http.StatusUnauthorized
	case err != nil:
		log.Print(err)
		return nil, http.StatusInternalServerError
	case closed || revoked.Valid || expires.Valid && !now.Before(expires.Time):
		return nil, http.StatusUnauthorized
	case !mayRead(permissions):
		return nil, http.StatusForbidden
	}
	return organization, http.StatusOK
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now().UTC()
	organization, status := s.authenticate(r, now)
	if status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	b := balance{AsOf: now}
	err := s.book.QueryRow(organization).Scan(&b.Currency, &b.Available, &b.Reserved, &b.Debt)
	if err != nil {
		log.Print(err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	b.Balance = b.Available + b.Reserved
	b.Value = fmt.Sprintf("%d.%02d", b.Available/100, b.Available%100)
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(b)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	db, err := sql.Open("mysql", os.Getenv("BENCH_DSN"))
	must(err)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	var s service
	s.key, err = db.Prepare(keySelect)
	must(err)
	s.book, err = db.Prepare(bookSelect)
	must(err)
	os.Remove(os.Args[1])
	listener, err := net.Listen("unix", os.Args[1])
	must(err)
	must(http.Serve(listener, &s))
}
