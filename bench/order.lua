-- wrk's part of rows 3 and 4: POST of a small order with a reference of its own, for one of the first BENCH_ORGANIZATIONS
-- keys of BENCH_TOKENS at random. Ends with one line for bench/run, as balance.lua does.
local heads, made, run = {}, 0

function init()
	run = io.lines("/proc/sys/kernel/random/uuid")()
	math.randomseed(tonumber(run:sub(1, 8), 16))
	local most = tonumber(os.getenv("BENCH_ORGANIZATIONS"))
	for token in io.lines(os.getenv("BENCH_TOKENS")) do
		if #heads < most then
			heads[#heads + 1] = { Host = wrk.headers["Host"], Authorization = "Bearer " .. token, ["Content-Type"] = "application/json" }
		end
	end
end

function request()
	made = made + 1
	return wrk.format("POST", nil, heads[math.random(#heads)], '{"reference":"' .. run .. "-" .. made
		.. '","lines":[{"sku":"scene","description":"A scene","quantity":1,"unit_credits":1}]}')
end

function done(summary, latency)
	local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
		+ summary.errors.status
	io.write(string.format("RESULT %.1f %d %d %d %d\n", summary.requests / summary.duration * 1e6,
		latency:percentile(50), latency:percentile(99), summary.requests, bad))
end
