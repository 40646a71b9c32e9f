import requests


def headers(address):
    request = requests.Request("GET", address).prepare()
    proxies = {"http": "http://user:word@proxy.example", "https": "http://user:word@proxy.example"}
    requests.Session().rebuild_proxies(request, proxies)
    return request.headers


assert "Proxy-Authorization" not in headers("https://a.example/")
assert "Proxy-Authorization" in headers("http://a.example/")
