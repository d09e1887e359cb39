-- Messages of an outgoing webhook, each about another contact. Arguments: the application token and the first id.
-- Threads take turns, so that no id is posted twice.

local threads = 0

function setup(thread)
   thread:set("place", threads)
   threads = threads + 1
end

function init(args)
   token, id = args[1], tonumber(args[2]) + place * 100000000
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
   id = id + 1
   local body = "event=ONCRMCONTACTUPDATE&event_handler_id=975&data%5BFIELDS%5D%5BID%5D=" .. id ..
      "&ts=1790000000&auth%5Bdomain%5D=portal.example&auth%5Bmember_id%5D=a223c6b3710f85df22e9377d6c4f7553" ..
      "&auth%5Bapplication_token%5D=" .. token
   return wrk.format(nil, nil, nil, body)
end
