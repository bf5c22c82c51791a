-- wrk's part: GET with a key at random. BENCH_TOKENS names the file of tokens. With BENCH_LOOK every reply is looked at.
-- Ends with one line for bench/run: requests a second, p50 and p99 in microseconds, requests, and what went wrong.
local requests, threads = {}, {}
wrong = 0

function setup(thread)
	threads[#threads + 1] = thread
end

function init()
	math.randomseed(os.time())
	for token in io.lines(os.getenv("BENCH_TOKENS")) do
		requests[#requests + 1] = wrk.format("GET", nil, { Host = wrk.headers["Host"], Authorization = "Bearer " .. token })
	end
end

function request()
	return requests[math.random(#requests)]
end

if os.getenv("BENCH_LOOK") then
	function response(status, _, body)
		if status ~= 200 or not body:match('^{"balance":%d+,.*}%s*$') then
			wrong = wrong + 1
		end
	end
end

function done(summary, latency)
	local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
		+ summary.errors.status
	for _, thread in ipairs(threads) do
		bad = bad + thread:get("wrong")
	end
	io.write(string.format("RESULT %.1f %d %d %d %d\n", summary.requests / summary.duration * 1e6,
		latency:percentile(50), latency:percentile(99), summary.requests, bad))
end
